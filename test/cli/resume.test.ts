import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ProviderServer, startProviderServer } from "../support/provider-server.ts";
import { newProject, type Project } from "../support/run-cli.ts";

let project: Project;
let server: ProviderServer;
let status = 200;

beforeEach(async () => {
  status = 200;
  server = await startProviderServer({
    reply: ({ index }) =>
      status === 200 || index < 3
        ? { text: "a", usage: { inputTokens: 1, outputTokens: 1 } }
        : { status, error: { message: "no" } },
  });
  project = newProject(server.env);
  project.write("rows.jsonl", '{"q":"1","gold":"a"}\n{"q":"2","gold":"a"}\n{"q":"3","gold":"a"}\n');
  project.write("more.jsonl", '{"q":"4","gold":"a"}\n{"q":"5","gold":"b"}\n');
});
afterEach(async () => {
  project.remove();
  await server.close();
});

const evaluate = (...args: string[]) =>
  project.assay(
    "eval",
    ...args,
    "--model",
    "openai:/m",
    "--prompt",
    "{{ q }}",
    "--targets",
    "gold",
  );

test("of several evaluations the finished are read, the broken go on and the others begin", async () => {
  status = 401;
  const files = ["rows.jsonl", "more.jsonl", "-j", "1", "--json"];
  expect((await evaluate(...files)).code).toBe(2);
  const asked = server.requests.length;
  status = 200;
  const { code, stdout } = await evaluate(...files, "--resume");
  expect(code).toBe(0);
  const [first, second] = JSON.parse(stdout);
  expect([first.counts.completed, second.counts.completed]).toEqual([3, 2]);
  expect(first.metrics["exact_match/v1"]).toBe(1);
  // The three answers of the first were there already.
  expect(server.requests.length - asked).toBe(2);
});

const SEVERAL = `import { defineEval } from "assay";
const data = Array.from({ length: 10 }, (_, i) => ({ id: "r" + i, i }));
const one = (name) => defineEval({
  name,
  data,
  model: ({ i }) => {
    if (i === 9) throw new Error("bad luck");
    return "x".repeat(i + 1);
  },
  scorers: [function len({ outputs }) { return outputs.length; }],
  gates: ["len/mean >= 1"],
  maxFailed: 0.1,
});
export default [one("one"), one("two")];
`;

test("what has finished is decided again on the gates and limits that are given now", async () => {
  project.write("s.eval.mjs", SEVERAL);
  const again = (...flags: string[]) => project.assay("eval", "s.eval.mjs", "--resume", ...flags);
  const first = await project.assay("eval", "s.eval.mjs", "--json");
  const runs = JSON.parse(first.stdout).map(({ runId }: { runId: string }) => runId);
  expect(first.code).toBe(0);
  const failing = await again("--gate", "len/mean >= 100");
  expect([failing.code, failing.stdout.match(/^FAIL .*at least 100/gm)?.length]).toEqual([1, 2]);
  expect((await again("--gate", "len/mean >= 4.9", "--strict")).code).toBe(3);
  const few = await again("--max-failed", "1%", "--json");
  expect(few.code).toBe(4);
  expect(JSON.parse(few.stdout)).toMatchObject(
    runs.map((runId: string) => ({
      runId,
      status: "incomplete",
      decision: "fail",
      problems: [
        "the model failed on 1 of 10 rows; at most 1 % may",
        "len: 1 of 10 results have no score (1 failed, 0 missing); at most 1 % may",
        "most often (1 of 1 looked at): Error: bad luck",
      ],
    })),
  );
  project.write("s.eval.mjs", SEVERAL.replace(">= 1", ">= 100"));
  expect((await again()).code).toBe(1);
  project.write("s.eval.mjs", SEVERAL);
  expect((await again("--json")).stdout).toContain(runs[0]);
  expect((await project.assay("gate", runs[0])).code).toBe(0);
});

test("what ended incomplete passes where as many results may lack a score now", async () => {
  project.write("s.eval.mjs", SEVERAL);
  expect((await project.assay("eval", "s.eval.mjs", "--max-failed", "1%")).code).toBe(4);
  const allowed = await project.assay("eval", "s.eval.mjs", "--max-failed", "20%", "--resume");
  expect([allowed.code, allowed.stdout.match(/^PASS /gm)?.length]).toEqual([0, 2]);
});

test("a run is not resumed with another --filter, which is named", async () => {
  const filtered = (condition: string, ...flags: string[]) =>
    evaluate("rows.jsonl", "-j", "1", "--filter", condition, "--filter", "id!=z", ...flags);
  const stopped = await filtered("q!=1", "--max-tokens", "1", "--json");
  const [{ runId, counts }] = JSON.parse(stopped.stdout);
  expect(counts.completed).toBe(1);
  const other = await filtered("q!=2", "--resume");
  expect([other.code, other.stderr]).toEqual([
    2,
    expect.stringContaining(
      "its filter was id!=z, q!=1 and is now id!=z, q!=2. Begin a new run, or set it back. With --allow-changed-data",
    ),
  ]);
  const none = await evaluate("rows.jsonl", "--resume");
  expect(none.stderr).toContain("its filter was id!=z, q!=1 and is now not set");
  const same = await filtered("q!=1", "--resume", "--json");
  expect(JSON.parse(same.stdout)).toMatchObject([{ runId, counts: { rows: 2, completed: 2 } }]);
});

test("a dry run counts what is left of the run that would go on", async () => {
  const { runId } = JSON.parse(
    (await evaluate("rows.jsonl", "--max-tokens", "3", "-j", "1", "--json")).stdout,
  )[0];
  const dry = async (...args: string[]) => {
    const { code, stdout } = await evaluate(...args, "--dry-run", "--json");
    expect(code).toBe(0);
    return JSON.parse(stdout).map(({ runId: id, rows, modelCalls }: Outlook) => [
      id,
      rows,
      modelCalls,
    ]);
  };
  expect(await dry("rows.jsonl")).toEqual([[undefined, 3, 3]]);
  expect(await dry("rows.jsonl", "--resume")).toEqual([[runId, 3, 1]]);
  expect(await dry("rows.jsonl", "--resume", runId.slice(0, 12))).toEqual([[runId, 3, 1]]);
  expect(await dry("rows.jsonl", "more.jsonl", "--resume")).toEqual([
    [runId, 3, 1],
    [undefined, 2, 2],
  ]);
  const { stdout } = await evaluate("rows.jsonl", "--resume", "--dry-run");
  expect(stdout).toContain(`\n  left of run ${runId}:\n  1 model calls, 0 judge calls;`);
});

interface Outlook {
  readonly runId?: string;
  readonly rows: number;
  readonly modelCalls: number;
}

test("a dry run counts what is made again of finished cells", async () => {
  project.write(
    "cells.eval.mjs",
    `import { defineEval } from "assay";
     const failing = ({ i }) => { if (i === 1) throw new Error("bad luck"); return "x"; };
     export default defineEval({
       name: "cells", data: [{ i: 0 }, { i: 1 }, { i: 2 }], maxFailed: 1, model: { well: () => "x", failing },
       scorers: [function one() { return 1; }],
     });`,
  );
  expect((await project.assay("eval", "cells.eval.mjs")).code).toBe(0);
  const dry = (...args: string[]) =>
    project.assay("eval", "cells.eval.mjs", "--dry-run", "--json", "--resume", ...args);
  expect((await dry()).stderr).toContain('no unfinished run of "cells"');
  const again = JSON.parse((await dry("--retry-failed")).stdout);
  expect(again.map(({ modelCalls }: Outlook) => modelCalls)).toEqual([0, 1]);
});

test("a run is named by the beginning of its id, or as the latest", async () => {
  const { stdout } = await evaluate("rows.jsonl", "--json");
  const [{ runId }] = JSON.parse(stdout);
  for (const name of [runId.slice(0, 12), "latest"]) {
    const { code, stderr } = await evaluate("rows.jsonl", "--resume", name);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`Run ${runId} is finished`)]);
  }
});

test("a rejected key ends the evaluation without the calls that wait for their turn", async () => {
  status = 401;
  project.write(
    "many.jsonl",
    Array.from({ length: 30 }, (_, q) => JSON.stringify({ q: String(q), gold: "a" })).join("\n"),
  );
  const { code, stderr } = await evaluate("many.jsonl", "--rpm", "60", "-j", "20");
  expect([code, stderr]).toEqual([2, expect.stringContaining("rejected the key")]);
  expect(stderr).toMatch(
    /[^.]; what was finished is stored; the same command with --resume [0-9a-f]{32} goes on\n$/,
  );
  expect(server.requests.length).toBeLessThan(8);
});

test("when calls fail, the reason is said once; results of before are kept where there are none", async () => {
  status = 400;
  project.write("kept.jsonl", "precious\n");
  const { code, stdout } = await evaluate("more.jsonl", "rows.jsonl", "-j", "1");
  expect(code).toBe(4);
  expect(stdout).toMatch(/INCOMPLETE {2}most often \(2 of 2 looked at\): AssayError: .*HTTP 400/);
  status = 401;
  expect((await evaluate("rows.jsonl", "-o", "kept.jsonl")).code).toBe(2);
  expect(readFileSync(join(project.folder, "kept.jsonl"), "utf8")).toBe("precious\n");
});

test.each([
  ["--max-tokens 1", "goes on, with a higher limit"],
  ["--run-timeout 1ms", "goes on"],
])("what %s stops says how it is resumed", async (limit, ways) => {
  const { code, stderr } = await evaluate("rows.jsonl", ...limit.split(" "), "-j", "1", "--quiet");
  expect([code, stderr.replace(/[0-9a-f]{32}/, "ID")]).toEqual([
    4,
    `stopped: what was finished is stored; the same command with --resume ID ${ways}\n`,
  ]);
});

test("a limit on costs is refused where the price is not known", async () => {
  const { code, stderr } = await evaluate("rows.jsonl", "--max-cost", "1");
  expect([code, server.requests.length]).toEqual([2, 0]);
  expect(stderr).toContain("the price of openai:/m is not known");
  expect(existsSync(join(project.folder, "assay.db"))).toBe(false);
});
