import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newProject, type Project } from "../support/run-cli.ts";

let project: Project;
beforeAll(() => {
  project = newProject();
  write("rows.jsonl", (i) => i % 10 !== 0);
  write("worse.jsonl", (i) => i % 2 !== 0);
  write("others.jsonl", (i) => i % 10 !== 0, "another q");
});
afterAll(() => project.remove());

/** Sixty rows, of which those for which `right` holds are answered right. */
function write(file: string, right: (row: number) => boolean, question = "q"): void {
  const rows = Array.from({ length: 60 }, (_, i) => ({
    id: `r${i}`,
    q: `${question}${i}`,
    lang: i % 3 === 0 ? "de" : "en",
    gold: "yes",
    said: right(i) ? "yes" : "no",
  }));
  project.write(file, rows.map((row) => JSON.stringify(row)).join("\n"));
}

const evaluate = (file: string, ...args: string[]) =>
  project.assay(
    ...["eval", file, "--targets", "gold", "--predictions", "said", "--quiet", ...args],
  );
const gated = async (...gates: string[]) => {
  const { code, stdout, stderr } = await evaluate(
    "rows.jsonl",
    "--json",
    ...gates.flatMap((gate) => (gate.startsWith("--") ? [gate] : ["--gate", gate])),
  );
  return { code, stderr, gates: code === 2 ? [] : JSON.parse(stdout)[0].gates };
};

describe("gates of every form", () => {
  test("are decided in one evaluation", async () => {
    const { code, gates } = await gated(
      "exact_match >= 80%",
      "exact_match/v1[lang=en] >= 0.8",
      "exact_match/max >= 0.5",
      "at most 6 rows: exact_match == false",
      "every row: exact_match == true",
    );
    expect(code).toBe(1);
    expect(gates.map((gate: { decision: string }) => gate.decision)).toEqual([
      "pass",
      "pass",
      "pass",
      "pass",
      "fail",
    ]);
    // 54 of 60 are right; of the 40 in English 36 (rows 10, 20, 40 and 50 are not).
    expect(gates[0]).toMatchObject({
      estimate: 0.9,
      counts: { scored: 60, failed: 0, missing: 0 },
    });
    expect(gates[1]).toMatchObject({ estimate: 0.9, counts: { scored: 40 } });
    // Wilson's 36/40 at 95 %.
    expect(gates[1].interval.lower).toBeCloseTo(0.7695, 3);
    expect(gates[3]).toMatchObject({ estimate: 6, threshold: 6, verdict: "pass" });
    expect(gates[4].message).toMatch(
      /54 of 60 rows have exact_match == 1; every row must: missed; e\.g\. r0, r10/,
    );
  });

  test("of which one tells nothing of the scores end with exit code 2, strict or not", async () => {
    project.write(
      "polite.eval.mjs",
      `import { defineEval, defineScorer } from "assay";
       const polite = defineScorer({ name: "polite" }, ({ outputs }) => outputs === "yes");
       export default defineEval({ data: "rows.jsonl", predictions: "said", scorers: [polite] });`,
    );
    for (const gate of ["polite <= 5", "no row: polite == wrong"]) {
      for (const more of [[], ["--strict"]]) {
        const run = ["eval", "polite.eval.mjs", "--quiet", "--gate", gate, ...more];
        const { code, stdout } = await project.assay(...run);
        expect(code).toBe(2);
        expect(stdout).toContain(`${gate} cannot be decided: `);
      }
    }
  });

  test("with exact intervals are wider and do not depend on the order of the rows", async () => {
    const lines = readFileSync(join(project.folder, "rows.jsonl"), "utf8").split("\n");
    project.write("turned.jsonl", lines.toReversed().join("\n"));
    const exact = async (file: string, ...more: string[]) => {
      const gate = ["--gate", "exact_match >= 0.7", "--json", ...more];
      return JSON.parse((await evaluate(file, ...gate)).stdout)[0].gates[0];
    };
    const [straight, turned, standard] = [
      await exact("rows.jsonl", "--guarantee", "exact"),
      await exact("turned.jsonl", "--guarantee", "exact"),
      await exact("rows.jsonl"),
    ];
    expect(straight.interval.method).toBe("betting");
    expect(turned.interval).toEqual(straight.interval);
    expect(straight.interval.lower).toBeLessThan(standard.interval.lower);
    expect((await exact("turned.jsonl")).interval).toEqual(standard.interval);
  });
});

describe("bad gates are one line with exit 2", () => {
  test.each<[string, string[], RegExp]>([
    [
      "an unknown metric",
      ["exact_mach >= 1"],
      /exact_mach is not measured here\. Did you mean exact_match/,
    ],
    ["a forgotten percent sign", ["exact_match >= 80"], /Did you mean 80%\?/],
    ["an empty slice", ["exact_match[lang=fr] >= 0.5"], /no row is in this slice; lang is de, en/],
    [
      "an unknown field",
      ["exact_match[langg=de] >= 0.5"],
      /no row has the field langg\. Did you mean lang\?/,
    ],
    ["a contradiction", ["exact_match >= 0.5", "exact_match < 0.5"], /contradict each other/],
    ["no baseline", ["exact_match >= baseline"], /none is given: --baseline/],
    ["more rows than there are", ["at least 500 rows: exact_match >= 1"], /there are 60, so/],
    [
      "more rows than a slice has",
      ["at least 21 rows: exact_match[lang=de] >= 1"],
      /it wants 21 rows, and there are 20, so it could never pass/,
    ],
    ["a threshold that nothing misses", ["exact_match <= 1.2"], /No score is as high/],
    ["a factor behind the baseline", ["exact_match >= baseline * 1.02"], /1\.02 \* baseline/],
    [
      "the latest run as baseline",
      ["exact_match >= baseline", "--baseline=latest"],
      /latest is no baseline/,
    ],
    ["not a gate", ["exact_match is good"], /at character 13, found "is good"/],
  ])("%s", async (_, gates, message) => {
    const { code, stderr } = await gated(...gates);
    expect([code, stderr.trim().split("\n").length]).toEqual([2, 1]);
    expect(stderr).toMatch(message);
  });

  test.each<[string, string[], RegExp]>([
    ["an adaptive budget that is strict", ["--budget", "adaptive", "--strict"], /use one of them/],
    ["a baseline that nothing compares with", ["--baseline", "abc"], /no gate compares with it/],
    [
      "a baseline that is not there",
      ["--gate", "exact_match >= baseline", "--baseline", "x.json"],
      /no baseline file/,
    ],
    [
      "a branch without a passing run",
      ["--gate", "exact_match >= baseline", "--baseline", "branch:zzz"],
      /has passed its gates yet/,
    ],
    [
      "a baseline to save that is none",
      ["--save-baseline", "main"],
      /Expected --save-baseline @alias/,
    ],
  ])("%s", async (_, flags, message) => {
    const { code, stderr } = await evaluate("rows.jsonl", ...flags);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

describe("a baseline", () => {
  test("is a file, an alias or a run, and a regression against it fails", async () => {
    const saved = await evaluate(
      "rows.jsonl",
      "--gate",
      "exact_match >= 0.8",
      "--save-baseline",
      "main.baseline.json",
    );
    expect(saved.stderr).toMatch(/^baseline main\.baseline\.json is now run [0-9a-f]{12}\n$/);
    const gate = ["--gate", "exact_match >= baseline", "--baseline", "main.baseline.json"];

    const same = await evaluate("rows.jsonl", ...gate, "--json");
    expect(same.code).toBe(0);
    expect(JSON.parse(same.stdout)[0].gates[0].baseline).toMatchObject({
      name: "main.baseline.json",
      pairs: 60,
      worse: 0,
      better: 0,
    });

    const lines = readFileSync(join(project.folder, "rows.jsonl"), "utf8").split("\n");
    project.write("turned.jsonl", lines.toReversed().join("\n"));
    const turned = await evaluate("turned.jsonl", ...gate, "--json");
    expect([turned.code, turned.stderr]).toEqual([0, ""]);
    expect(JSON.parse(turned.stdout)[0].gates[0].baseline).toMatchObject({ pairs: 60, worse: 0 });

    const kept = readFileSync(join(project.folder, "main.baseline.json"), "utf8");
    project.write("unrelated.baseline.json", kept.replaceAll(/"r(?=\d)/g, '"other-'));
    const unrelated = await evaluate(
      ...["rows.jsonl", "--gate", "exact_match >= baseline", "--allow-mismatch"],
      ...["--baseline", "unrelated.baseline.json"],
    );
    expect(unrelated.code).toBe(2);
    expect(unrelated.stdout).toContain(
      "no row was scored both here and in the baseline (unrelated.baseline.json)",
    );

    const other = await evaluate("others.jsonl", ...gate);
    expect([other.code, other.stderr]).toEqual([
      2,
      expect.stringMatching(/measured on other rows/),
    ]);

    // Other answers to the same questions are what a baseline is for.
    const worse = await evaluate("worse.jsonl", ...gate, "--json");
    expect(worse.code).toBe(1);
    const [found] = JSON.parse(worse.stdout)[0].gates;
    // Even rows but for the six that were wrong before: 24 lost, none gained.
    expect(found.baseline).toMatchObject({ pairs: 60, worse: 24, better: 0 });
    expect(found.baseline.pWorse).toBeCloseTo(2 ** -24, 9);
  });

  test("is moved by assay gate only while gates pass", async () => {
    const run = JSON.parse((await evaluate("rows.jsonl", "--json")).stdout)[0].runId;
    const failing = await project.assay(
      ...["gate", run, "--gate", "exact_match >= 0.99", "--save-baseline", "@main"],
    );
    expect([failing.code, failing.stderr]).toEqual([
      1,
      "baseline @main stays as it was: a gate failed\n",
    ]);
    const passing = await project.assay(
      ...["gate", run, "--gate", "exact_match >= 0.8", "--save-baseline", "@main"],
    );
    expect(passing.code).toBe(0);
    const compared = await evaluate(
      "rows.jsonl",
      ...["--gate", "exact_match >= baseline", "--baseline", "@main", "--json"],
    );
    expect(JSON.parse(compared.stdout)[0].gates[0].baseline.name).toBe(
      `@main, run ${run.slice(0, 12)}`,
    );
  });

  test("given to assay gate without a gate is refused", async () => {
    const { code, stderr } = await project.assay("gate", "latest", "--baseline", "@main");
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/--baseline is about gates given here/),
    ]);
  });
});
