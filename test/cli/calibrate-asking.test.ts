import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { storeAt } from "../../src/tracking/index.ts";
import { span, traceOf } from "../judges/traces.ts";
import { tempFolder } from "../store/temp-folder.ts";
import { type ProviderServer, startProviderServer } from "../support/provider-server.ts";
import { runInProcess } from "../support/run-in-process.ts";

let folder: string;
let server: ProviderServer;
let seen: string[];

/** Judges "good" answers 5 and others 1. */
beforeEach(async () => {
  folder = tempFolder();
  seen = [];
  server = await startProviderServer({
    reply: ({ text }) => {
      seen.push(text);
      const isGood = /good \d/.test(text);
      return {
        text: JSON.stringify({
          rationale: "r",
          score: isGood ? 5 : 1,
          verdict: text.includes("the other") ? "first" : isGood ? "yes" : "no",
        }),
      };
    },
  });
});
afterEach(() => server.close());

const uri = () => `sqlite:///${folder}/assay.db`;

const assay = (...argv: string[]) =>
  runInProcess(argv, { env: { ...server.env, ASSAY_JUDGE_MODEL: "openai:/m" }, cwd: folder });

const calibrate = (...argv: string[]) =>
  assay("calibrate", ...argv, "--tracking-uri", uri(), "--json");

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function writeRows(rows: readonly object[]): void {
  write("labels.jsonl", rows.map((row) => JSON.stringify(row)).join("\n"));
}

/** Six rows whose answer is in the column `reply`; people and judge agree on all but the last. */
const ROWS = Array.from({ length: 6 }, (_, i) => ({
  id: `r${i}`,
  question: `q${i}`,
  reply: i % 2 ? `good ${i}` : `poor ${i}`,
  label: i === 5 ? 1 : i % 2 ? 5 : 1,
}));

describe("the answer that is judged", () => {
  test("is never made up: without outputs assay calibrate exits with 2 and asks nothing", async () => {
    writeRows(ROWS);
    const { code, stderr } = await calibrate("labels.jsonl", "--judge", "relevance");
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(
        /^error: .*row 1 has no outputs\. .*--predictions.*Available columns: question, reply, label/,
      ),
    ]);
    expect(seen).toEqual([]);
  });

  test("nor does assay judges test judge what is not there", async () => {
    writeRows(ROWS);
    const test = ["judges", "test", "relevance", "--data", "labels.jsonl"];
    const refused = await assay(...test);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringMatching(/row 1 has no outputs.*--predictions/),
    ]);
    const named = await assay(...test, "--predictions", "reply", "--limit", "1");
    expect(named.code).toBe(0);
    expect(seen).toEqual([expect.stringContaining("poor 0")]);
  });

  test("is in the column that --predictions names, and --map and --targets name the others", async () => {
    writeRows(ROWS.map((row) => ({ ...row, gold: `gold ${row.id}`, passages: `from ${row.id}` })));
    const { code, stdout } = await calibrate(
      ...["labels.jsonl", "--judge", "answer_correctness", "--predictions", "reply"],
      ...["--targets", "gold", "--map", "context=passages"],
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      counts: { labelled: 6, compared: 6 },
      agreement: { exactAgreement: { estimate: 5 / 6 } },
      disagreements: [{ id: "r5", person: 1, judge: 5 }],
    });
    expect(seen.filter((text) => text.includes("gold r3"))).toHaveLength(1);
  });

  test("lacks in some rows, which are left out and counted", async () => {
    writeRows([...ROWS, { id: "r6", question: "q6", label: 1 }]);
    const options = ["--judge", "relevance", "--predictions", "reply"];
    const { stdout } = await calibrate("labels.jsonl", ...options);
    const { counts, notes } = JSON.parse(stdout);
    expect(counts).toMatchObject({ labelled: 6, compared: 6 });
    expect(notes).toContain("1 labelled rows have no outputs and are left out");
    expect(seen).toHaveLength(6);
  });

  test("is compared with a column of the row by a pairwise judge", async () => {
    writeRows(
      ROWS.map(({ question, reply, label }) => ({
        inputs: { question },
        outputs: reply,
        baseline_outputs: "the other",
        label: label === 5 ? 1 : 0,
      })),
    );
    const { stderr, code } = await calibrate("labels.jsonl", "--judge", "preference");
    expect([code, stderr]).toEqual([0, ""]);
    expect(seen[0]).toContain("the other");
  });
});

const TONE = `
name: tone
version: 2
description: Whether the answer keeps to the rule.
settings: [rule]
verdicts: { yes: 1, no: 0 }
inputs: [outputs]
rubric: { yes: It does., no: It does not. }
prompt: "{{ rule }} {{ rubric }} {{ outputs }}"
`;

describe("the judge that is calibrated", () => {
  const yesNo = ROWS.map(({ label, ...row }) => ({ ...row, label: label === 5 ? "yes" : "no" }));

  test("is one of the project, by name, version or path, with its settings", async () => {
    write("judges/tone.v2.yaml", TONE);
    writeRows(yesNo);
    for (const name of ["tone", "tone@v2", "judges/tone.v2.yaml"]) {
      const { code, stdout, stderr } = await calibrate(
        ...["labels.jsonl", "--judge", name, "--predictions", "reply"],
        ...["--set", "rule=Be brief."],
      );
      expect([code, stderr]).toEqual([0, ""]);
      expect(JSON.parse(stdout)).toMatchObject({ judge: "tone/v2", counts: { compared: 6 } });
    }
    expect(seen[0]).toContain("Be brief.");
  });

  test("is not asked again what it has answered, unless --no-cache says so", async () => {
    writeRows(ROWS);
    const command = ["labels.jsonl", "--judge", "relevance", "--predictions", "reply"];
    const first = await calibrate(...command);
    expect(seen).toHaveLength(6);
    const second = await calibrate(...command);
    expect(seen).toHaveLength(6);
    expect(JSON.parse(second.stdout).agreement).toEqual(JSON.parse(first.stdout).agreement);
    await calibrate(...command, "--no-cache");
    expect(seen).toHaveLength(12);
  });
});

describe("feedback of people on stored traces", () => {
  async function writeTraces() {
    const store = await storeAt(uri());
    const { experimentId } = await store.experiments.createExperiment("production");
    for (const [i, { question, reply, label }] of ROWS.entries()) {
      const hex = String(i + 1).repeat(32);
      const traceId = `tr-${hex}`;
      const root = span({ traceId: hex, inputs: { question }, outputs: reply });
      await store.traces.writeTrace({ ...traceOf([root]).info, traceId, experimentId }, [root]);
      const said = (type: "HUMAN" | "LLM_JUDGE", id: string, value: number) =>
        store.assessments.logAssessment({
          traceId,
          name: "quality",
          kind: "feedback",
          source: { type, id },
          value,
        });
      await said("LLM_JUDGE", "some judge", 3);
      if (i !== 0) await said("HUMAN", "ada", label);
      if (i > 1) await said("HUMAN", "ben", label);
    }
  }

  test("are labels: those of people, by who gave them, and no judge sees them", async () => {
    await writeTraces();
    const { code, stdout, stderr } = await calibrate(
      ...["--traces", "", "--feedback", "quality", "--judge", "relevance"],
    );
    expect([code, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toMatchObject({
      counts: { labelled: 5, compared: 5 },
      people: { annotators: 2 },
      agreement: { exactAgreement: { estimate: 0.8 } },
      disagreements: [{ id: `tr-${"6".repeat(32)}` }],
    });
    expect(seen.some((text) => text.includes("quality"))).toBe(false);
  });

  test("are held against the verdicts that assay score gave", async () => {
    await writeTraces();
    const scored = await assay(
      ...["score", "--traces", "", "--judge", "relevance", "--tracking-uri", uri(), "--quiet"],
    );
    expect(scored.code).toBe(0);
    const asked = seen.length;
    const { code, stdout } = await calibrate(
      ...["--traces", "", "--feedback", "quality", "--run", "latest"],
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ counts: { compared: 5 } });
    expect(seen).toHaveLength(asked);
  });

  test("have to be there, and to be named", async () => {
    await writeTraces();
    const other = await calibrate("--traces", "", "--feedback", "tone", "--judge", "relevance");
    expect([other.code, other.stderr]).toEqual([
      2,
      expect.stringMatching(/^error: None of these traces has feedback "tone" of a person/),
    ]);
    const unnamed = await calibrate("--traces", "", "--judge", "relevance");
    expect([unnamed.code, unnamed.stderr]).toEqual([
      2,
      expect.stringMatching(/^error: --traces and --feedback belong together/),
    ]);
  });
});

describe("labels off the judge's scale", () => {
  test("are refused before anything is asked, with row, label and scale", async () => {
    writeRows(ROWS);
    const { code, stderr } = await calibrate(
      ...["labels.jsonl", "--judge", "safety", "--predictions", "reply"],
    );
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(
        /^error: Row 2 \(r1\) has the label 5, which is off the scale 0 to 1 of safety\/v1\./,
      ),
    ]);
    expect(seen).toEqual([]);
  });

  test("are refused for recorded verdicts with --scale too", async () => {
    writeRows(ROWS.map((row) => ({ ...row, said: 1 })));
    const { code, stderr } = await calibrate("labels.jsonl", "--verdict", "said", "--scale", "0,1");
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^error: Row 2 \(r1\) has the label 5, which is off the scale 0 to 1/),
    ]);
  });
});
