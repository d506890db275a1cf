import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BIN, endOf, newProject, type Project } from "../support/run-cli.ts";
import { essenceOf } from "./kill-and-resume.ts";

const ROWS = 40;
const CONCURRENCY = 6;

/** Calls of the slow kind take longer than any wait for them would be guessed to be; none minds its signal. */
const SLOW_MS = 6_000;

const EVALUATION = `
import { appendFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { defineEval } from "assay";
import { exactMatch } from "assay/metrics";
let calls = 0;
export default defineEval({
  name: "slow", targets: "gold", concurrency: ${CONCURRENCY}, maxFailed: 1,
  data: Array.from({ length: ${ROWS} }, (_, i) => ({ question: "q" + i, gold: "a" + (i % 3) })),
  extraMetrics: [exactMatch()],
  gates: ["exact_match/v1 >= 0.2"],
  model: async ({ question }) => {
    appendFileSync("calls.txt", question + "\\n");
    calls += 1;
    const from = Number(process.env.SLOW_FROM ?? Infinity);
    if (calls === from) process.send("slow");
    await delay(calls >= from ? Number(process.env.SLOW_MS) : 1);
    if (question.endsWith("7")) throw new Error("no answer");
    return "a" + (Number(question.slice(1)) % 2);
  },
});
`;

async function evaluate(project: Project, env: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, [BIN, "eval", "slow.eval.mjs", "--json", ...args], {
    cwd: project.folder,
    env: { PATH: process.env.PATH ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const said = once(child, "message").catch(() => undefined);
  return { child, said, ended: endOf(child) };
}

const callsOf = (project: Project) =>
  readFileSync(join(project.folder, "calls.txt"), "utf8").trim().split("\n");

const repeatedIn = (calls: readonly string[]) => calls.length - new Set(calls).size;

/** Interrupts at the `from`-th call, from which on calls are slow, and resumes without slowness. */
async function interruptAt(from: number, signal: NodeJS.Signals, slowMs: number, grace: string[]) {
  const project = newProject();
  try {
    project.write("slow.eval.mjs", EVALUATION);
    const env = { SLOW_FROM: String(from), SLOW_MS: String(slowMs) };
    const { child, said, ended } = await evaluate(project, env, ...grace);
    await said;
    child.kill(signal);
    const broken = await ended;
    const resumed = await (await evaluate(project, {}, "--resume")).ended;
    return { broken, resumed, repeated: repeatedIn(callsOf(project)) };
  } finally {
    project.remove();
  }
}

/** Four at a time: they mostly wait. */
async function interruptAtEach(
  moments: readonly number[],
  ...rest: [signal: NodeJS.Signals, slowMs: number, grace: string[]]
) {
  const outcomes: Awaited<ReturnType<typeof interruptAt>>[] = [];
  for (let at = 0; at < moments.length; at += 4) {
    const some = moments.slice(at, at + 4).map((from) => interruptAt(from, ...rest));
    outcomes.push(...(await Promise.all(some)));
  }
  return outcomes;
}

async function uninterrupted() {
  const project = newProject();
  try {
    project.write("slow.eval.mjs", EVALUATION);
    return essenceOf((await (await evaluate(project, {})).ended).stdout);
  } finally {
    project.remove();
  }
}

/** All but the last, after which nothing is left to resume. */
const MOMENTS = Array.from({ length: 20 }, (_, at) => 1 + Math.floor((at * (ROWS - 8)) / 19));

test("SIGINT at 20 moments while calls take 6 s: they are waited for, and none is made again", async () => {
  const whole = await uninterrupted();
  for (const { broken, resumed, repeated } of await interruptAtEach(
    MOMENTS,
    "SIGINT",
    SLOW_MS,
    [],
  )) {
    expect(broken.code).toBe(130);
    expect(JSON.parse(broken.stdout)[0].status).toBe("interrupted");
    expect(essenceOf(resumed.stdout)).toEqual(whole);
    expect(repeated).toBe(0);
  }
});

test("SIGTERM at 4 moments while calls take 6 s: the same, with exit 143", async () => {
  const whole = await uninterrupted();
  for (const { broken, resumed, repeated } of await interruptAtEach(
    [2, 9, 20, 31],
    "SIGTERM",
    SLOW_MS,
    [],
  )) {
    expect(broken.code).toBe(143);
    expect(essenceOf(resumed.stdout)).toEqual(whole);
    expect(repeated).toBe(0);
  }
});

test("calls without end are given up when the time for them is over, and made again by --resume", async () => {
  const whole = await uninterrupted();
  const grace = ["--grace", "200ms"];
  for (const { broken, resumed, repeated } of await interruptAtEach(
    [1, 8, 16, 33],
    "SIGINT",
    3_600_000,
    grace,
  )) {
    expect(broken.code).toBe(130);
    const [{ counts, summaries }] = JSON.parse(broken.stdout);
    expect(summaries["exact_match/v1"].missing).toBe(ROWS - counts.completed);
    expect(essenceOf(resumed.stdout)).toEqual(whole);
    expect(repeated).toBeLessThanOrEqual(CONCURRENCY);
  }
});

test("a second Ctrl-C ends at once, and what was stored is there", async () => {
  const project = newProject();
  try {
    project.write("slow.eval.mjs", EVALUATION);
    const env = { SLOW_FROM: "12", SLOW_MS: "3600000" };
    const { child, said, ended } = await evaluate(project, env);
    await said;
    const stopping = new Promise<void>((resolve) => {
      child.stderr?.on("data", (chunk) => String(chunk).includes("stopping:") && resolve());
    });
    child.kill("SIGINT");
    await stopping;
    child.kill("SIGINT");
    expect((await ended).code).toBe(130);
    const resumed = await (await evaluate(project, {}, "--resume")).ended;
    expect(essenceOf(resumed.stdout)).toEqual(await uninterrupted());
    expect(repeatedIn(callsOf(project))).toBeLessThanOrEqual(CONCURRENCY);
  } finally {
    project.remove();
  }
});
