import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadJudge } from "../../src/judges/index.ts";
import { storeAt } from "../../src/tracking/index.ts";
import { span, traceOf } from "../judges/traces.ts";
import { tempFolder } from "../store/temp-folder.ts";
import {
  type ProviderReply,
  type ProviderServer,
  startProviderServer,
} from "../support/provider-server.ts";
import { runInProcess } from "../support/run-in-process.ts";

let folder: string;
let server: ProviderServer;
let reply: (text: string) => ProviderReply;

beforeEach(async () => {
  folder = tempFolder();
  reply = () => ({ text: '{"rationale":"Fine.","score":3,"verdict":"yes"}' });
  server = await startProviderServer({ reply: ({ text }) => reply(text) });
});
afterEach(() => server.close());

const assay = (...argv: string[]) => runInProcess(argv, { env: server.env, cwd: folder });

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};

const TONE = `
name: tone
version: 2
description: Whether the answer is polite.
verdicts: { polite: 1, rude: 0 }
inputs: [outputs]
rubric: { polite: It is., rude: It offends. }
examples:
  - { outputs: Go away., rationale: It offends., verdict: rude }
  - { outputs: Certainly!, rationale: It is polite., verdict: polite }
prompt: "{{ rubric }} {{ examples }} {{ outputs }}"
`;

describe("assay judges new", () => {
  test("writes a judge that loads by its name, and then its next version", async () => {
    expect(await assay("judges", "new", "answer_tone")).toMatchObject({ code: 0 });
    const text = readFileSync(join(folder, "judges/answer_tone.v1.yaml"), "utf8");
    expect(text).toMatch(
      /^# yaml-language-server: \$schema=\.\.\/node_modules\/assay\/judges\/schema\.json\n/,
    );
    expect(loadJudge("answer_tone", { directory: folder }).scorer).toMatchObject({
      name: "answer_tone",
      version: "v1",
      scale: [1, 5],
    });
    await assay("judges", "new", "answer_tone");
    expect(loadJudge("answer_tone", { directory: folder }).scorer.version).toBe("v2");
    expect(loadJudge("answer_tone@v1", { directory: folder }).scorer.version).toBe("v1");
  });

  test("begins the project's own version of a built-in judge", async () => {
    await assay("judges", "new", "safety");
    expect(existsSync(join(folder, "judges/safety.v2.yaml"))).toBe(true);
    expect(loadJudge("safety", { directory: folder }).scorer.version).toBe("v2");
  });

  test("refuses a name that no metric can have", async () => {
    expect(await assay("judges", "new", "Answer Tone")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("snake_case"),
    });
  });
});

describe("a judge of the project", () => {
  test("that is broken is told in one line, and the others are listed", async () => {
    write("judges/tone.v2.yaml", TONE);
    write("judges/bad.v1.yaml", TONE.replace("description", "note"));
    const { code, stdout, stderr } = await assay("judges", "list");
    expect(code).toBe(2);
    expect(stdout).toContain("judges/tone.v2.yaml");
    expect(stderr).toBe('error: bad.v1.yaml: field "note": there is no such field.\n');
  });

  test("is listed and shown beside the built-in ones, by name, version or path", async () => {
    write("judges/tone.v2.yaml", TONE);
    const { stdout } = await assay("judges", "list", "--json");
    const listed = JSON.parse(stdout) as { name: string; path?: string }[];
    expect(listed.length).toBeGreaterThan(30);
    expect(listed.find(({ name }) => name === "tone")).toMatchObject({
      version: "v2",
      path: join(folder, "judges/tone.v2.yaml"),
    });
    expect(listed.find(({ name }) => name === "safety")?.path).toBeUndefined();
    for (const name of ["tone", "tone@v2", "judges/tone.v2.yaml", "./judges/tone.v2.yaml"]) {
      expect((await assay("judges", "show", name)).stdout).toBe(TONE);
    }
    const missing = await assay("judges", "show", "tone@v1");
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining("there are v2") });
    expect((await assay("judges", "show", "tonne")).stderr).toContain("judges/tonne.v1.yaml");
  });

  test("whose file says another name is refused", () => {
    write("judges/mood.v1.yaml", TONE);
    expect(() => loadJudge("mood", { directory: folder })).toThrow("name it tone.v2.yaml");
  });

  test("judges an evaluation by --judge", async () => {
    write("judges/tone.v2.yaml", TONE);
    write("rows.jsonl", '{"id":"a","question":"?","answer":"Go away."}\n');
    reply = () => ({ text: '{"rationale":"r","verdict":"rude"}' });
    const options = ["--predictions", "answer", "--judge", "tone", "--judge-model", "openai:/m"];
    const uri = `sqlite:///${folder}/assay.db`;
    const { code, stdout } = await assay(
      "eval",
      "rows.jsonl",
      ...options,
      "--json",
      "--tracking-uri",
      uri,
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)[0]).toMatchObject({
      metrics: { "tone/v2/mean": 0 },
      judges: { "tone/v2": { calls: 1, attempts: 1 } },
    });
  });
});

describe("assay traces show", () => {
  test("prints the feedback on a trace and what was expected of it", async () => {
    const uri = `sqlite:///${folder}/assay.db`;
    const store = await storeAt(uri);
    const { experimentId } = await store.experiments.createExperiment("production");
    const hex = "3".repeat(32);
    const traceId = `tr-${hex}`;
    const root = span({ traceId: hex, name: "answer", inputs: { question: "q" }, outputs: "a" });
    await store.traces.writeTrace({ ...traceOf([root]).info, traceId, experimentId }, [root]);
    const log = store.assessments.logAssessment.bind(store.assessments);
    const people = { type: "HUMAN", id: "ada" } as const;
    const about = { traceId, name: "quality", kind: "feedback", source: people } as const;
    const { assessmentId } = await log({ ...about, value: 2 });
    await log({ ...about, value: 4, rationale: "well\nput", overrides: assessmentId });
    await log({ ...about, name: "tone", spanId: root.spanId, value: true });
    await log({
      traceId,
      name: "expected_response",
      kind: "expectation",
      source: { type: "CODE" },
      value: { city: "Bern" },
    });
    await log({
      ...about,
      name: "safety",
      source: { type: "LLM_JUDGE", id: "openai:/m" },
      error: { code: "unavailable", message: "HTTP 503" },
    });
    const { stdout, code } = await assay("traces", "show", traceId, "--tracking-uri", uri);
    expect(code).toBe(0);
    expect(stdout.split("\n").slice(1, 6)).toEqual([
      "feedback quality = 2 (overridden) · HUMAN ada",
      "feedback quality = 4 · HUMAN ada: well put",
      "feedback tone = true · HUMAN ada, of span answer",
      'expectation expected_response = {"city":"Bern"} · CODE',
      "feedback safety = none (unavailable HTTP 503) · LLM_JUDGE openai:/m",
    ]);
  });
});

describe("assay runs rows", () => {
  test("gives the votes behind a verdict with --parts, each with its rationale", async () => {
    write("judges/tone.v2.yaml", `${TONE}samples: 3\n`);
    write("rows.jsonl", '{"id":"a","question":"?","outputs":"Go away."}\n');
    let votes = 0;
    reply = () => {
      votes += 1;
      const verdict = votes === 2 ? "polite" : "rude";
      return { text: JSON.stringify({ rationale: `vote of ${verdict}`, verdict }) };
    };
    const store = ["--tracking-uri", `sqlite:///${folder}/assay.db`, "--json"];
    const judge = ["--judge", "tone", "--judge-model", "openai:/m", "-j", "1"];
    expect(await assay("eval", "rows.jsonl", ...judge, ...store, "--quiet")).toMatchObject({
      code: 0,
    });
    const { stdout } = await assay("runs", "rows", "latest", "--parts", ...store);
    const [row] = JSON.parse(stdout);
    expect(row.scores["tone/v2"]).toMatchObject({ kind: "scored", value: 0 });
    const parts = row.parts["tone/v2"];
    expect(parts.map(({ value }: { value: number }) => value).sort()).toEqual([0, 0, 1]);
    expect(parts[0]).toMatchObject({ part: expect.stringMatching(/1/) });
    expect(parts.map(({ rationale }: { rationale: string }) => rationale).sort()).toEqual([
      "vote of polite",
      "vote of rude",
      "vote of rude",
    ]);
    const called = await assay("runs", "calls", "latest", "--scorer", "tone/v2", ...store);
    expect(JSON.parse(called.stdout)).toHaveLength(3);
    expect(JSON.parse(called.stdout)[0]).toMatchObject({
      scorer: "tone/v2",
      model: "openai:/m",
      reply: expect.stringContaining('"rationale":"vote of'),
    });
    const list = await assay("runs", "calls", "latest", "--limit", "1", ...store.slice(0, 2));
    expect(list.stdout).toMatch(/^judge .*reply\n.*tone\/v2 .*vote of \w+/s);
    const plain = await assay("runs", "rows", "latest", ...store);
    expect(JSON.parse(plain.stdout)[0]).not.toHaveProperty("parts");
    const table = await assay("runs", "rows", "latest", "--parts", ...store.slice(0, 2));
    expect([table.code, table.stderr]).toEqual([
      2,
      expect.stringContaining("--parts is for --json"),
    ]);
  });
});

describe("assay judges test", () => {
  test("asks about each example by a judge that has not seen it", async () => {
    write("judges/tone.v2.yaml", TONE);
    const seen: string[] = [];
    reply = (text) => {
      seen.push(text);
      return { text: '{"rationale":"So it is.","verdict":"rude"}' };
    };
    const { code, stdout } = await assay(
      "judges",
      "test",
      "tone",
      "--model",
      "openai:/m",
      "--json",
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([
      { name: "example 1", expected: "rude", scores: [{ value: 0 }] },
      { name: "example 2", expected: "polite", scores: [{ value: 0 }] },
    ]);
    expect(seen[0]).not.toContain("outputs: Go away.");
    expect(seen[0]).toContain("outputs: Certainly!");
  });

  test("or about rows, and exits 4 where there was no verdict", async () => {
    write("rows.jsonl", '{"question":"?","outputs":"x"}\n{"question":"?","outputs":"y"}\n');
    const shown = await assay(
      "judges",
      "test",
      "relevance",
      "--data",
      "rows.jsonl",
      "--model",
      "openai:/m",
    );
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(/row 2\s+3/);
    reply = () => ({ text: "Hm." });
    const failed = await assay("judges", "test", "relevance", "--model", "openai:/m");
    expect(failed.code).toBe(4);
  });

  test("prints what would be asked, with settings, and asks nothing", async () => {
    write("rows.jsonl", '{"question":"Why?","outputs":"Because."}\n');
    const { stdout, stderr, code } = await assay(
      ...["judges", "test", "guidelines", "--data", "rows.jsonl", "--prompt"],
      ...["--set", "guidelines=Be brief.", "--set", "guidelines=Be kind."],
    );
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("- Be brief.\n- Be kind.");
    expect(stdout).toMatch(/<outputs-[0-9a-f]{16}>\nBecause\.\n/);
    expect(server.requests).toEqual([]);
  });
});

describe("assay score", () => {
  const uri = () => `sqlite:///${folder}/assay.db`;

  async function writeTrace() {
    const store = await storeAt(uri());
    const { experimentId } = await store.experiments.createExperiment("production");
    const root = span({ traceId: "1".repeat(32), inputs: { question: "q" }, outputs: "a" });
    const { info } = traceOf([root]);
    const traceId = `tr-${"1".repeat(32)}`;
    await store.traces.writeTrace({ ...info, traceId, experimentId }, [root]);
  }

  test("judges traces once, prints and gates as an evaluation does", async () => {
    await writeTrace();
    const command = ["score", "--traces", "", "--judge", "safety", "--judge-model", "openai:/m"];
    const options = ["--experiment", "production", "--tracking-uri", uri(), "--quiet"];
    const first = await assay(...command, ...options, "--gate", "safety/v1/mean >= 1", "--json");
    expect(first.code).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject([
      { name: "score safety/v1", decision: "pass", metrics: { "safety/v1/mean": 1 } },
    ]);
    const second = await assay(...command, ...options);
    expect(second).toMatchObject({ code: 0, stdout: "" });
    expect(second.stderr).toBe("safety/v1: no trace lacks its verdict\n");
    expect(server.requests).toHaveLength(1);
  });

  test("says what it lacks", async () => {
    expect(await assay("score", "--judge", "safety")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Expected --traces with a filter and --judge"),
    });
  });
});
