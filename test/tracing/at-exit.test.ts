import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TraceInfo } from "../../src/core/index.ts";
import { closeStores, storeAt } from "../../src/tracking/index.ts";
import { type Ended, endOf, newProject } from "../support/run-cli.ts";

const project = newProject();
afterAll(async () => {
  await closeStores();
  project.remove();
});

/** A program that makes spans and then ends in the way that is named. */
const file = project.write(
  "program.mjs",
  `
import { logFeedback, setTrackingUri, startSpan, withSpan } from "assay";
const [how, database, count] = process.argv.slice(2);
setTrackingUri("sqlite:///" + database);
process.on("warning", () => undefined);
const key = "sk-" + "fake".repeat(8);
for (let n = 0; n < Number(count); n++) {
  await withSpan(
    async () => {
      if (n === 0) await logFeedback({ name: "inside", value: 0.5, rationale: key });
      return withSpan(() => "answer " + n, { name: "inner" });
    },
    { name: "root", inputs: { n, key } },
  );
}
const open = startSpan({ name: "never ended" });
open.run(() => {
  startSpan({ name: "ended inside" }).end();
  void logFeedback({ name: "of an open trace", value: "yes" });
});
if (how === "exit") process.exit(3);
if (how === "throw") throw new Error("uncaught");
if (how === "own handler") process.on("SIGTERM", () => process.exit(7));
if (how.startsWith("SIG") || how === "own handler") {
  process.kill(process.pid, how === "own handler" ? "SIGTERM" : how);
  setTimeout(() => undefined, 10_000);
}
`,
);

async function runProgram(how: string, database: string, count: number) {
  const child = spawn(process.execPath, [file, how, database, String(count)], {
    cwd: project.folder,
    env: { PATH: process.env.PATH ?? "", NODE_NO_WARNINGS: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return endOf(child);
}

async function storedTraces(database: string): Promise<TraceInfo[]> {
  const { traces } = await storeAt(`sqlite:///${join(project.folder, database)}`);
  const all: TraceInfo[] = [];
  let pageToken: string | undefined;
  do {
    const page = await traces.searchTraces({ maxResults: 500, ...(pageToken && { pageToken }) });
    all.push(...page.items);
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  return all;
}

const feedbackOf = (traces: readonly (TraceInfo | undefined)[]) =>
  traces.flatMap((info) => info?.assessments ?? []).map(({ name, value }) => [name, value]);

/** How it ends, how many traces of two spans it makes before, and how that is told from outside. */
const ENDINGS = [
  ["naturally", 20, 0, null],
  ["exit", 2500, 3, null],
  ["throw", 20, 1, null],
  ["SIGTERM", 20, null, "SIGTERM"],
  ["SIGINT", 20, null, "SIGINT"],
  ["own handler", 20, 7, null],
] as const;

const databaseOf = (how: string) => `${how.replace(" ", "-")}.db`;

describe("a program that ends", () => {
  let endings: ReadonlyMap<string, Ended>;
  beforeAll(async () => {
    const ended = ENDINGS.map(
      async ([how, count]) => [how, await runProgram(how, databaseOf(how), count)] as const,
    );
    endings = new Map(await Promise.all(ended));
  }, 60_000);

  test.each(ENDINGS)(
    "%s after %i traces has every span stored, and ends as it would",
    async (how, count, code, signal) => {
      const ended = endings.get(how);
      expect([ended?.code, ended?.signal]).toEqual([code, signal]);
      const traces = await storedTraces(databaseOf(how));
      const whole = traces.filter(({ name }) => name === "root");
      expect(whole).toHaveLength(count);
      expect(whole.filter(({ state, spanCount }) => state !== "OK" || spanCount !== 2)).toEqual([]);
      const open = traces.find(({ name }) => name === "never ended");
      expect(open).toMatchObject({ state: "IN_PROGRESS", spanCount: 1 });
      expect(feedbackOf(whole)).toEqual([["inside", 0.5]]);
      if (how !== "naturally") expect(feedbackOf([open])).toEqual([["of an open trace", "yes"]]);
    },
  );

  test("leaves nothing on disk that was stored", () => {
    expect(readdirSync(join(project.folder, ".assay", "spool"))).toEqual([]);
  });

  test("while its store is away leaves its spans, without secrets, to the next one", async () => {
    const folder = join(project.folder, "away");
    mkdirSync(folder);
    // A folder where the file of the database should be: it cannot be opened.
    mkdirSync(join(folder, "assay.db"));
    const ended = await runProgram("naturally", "away/assay.db", 3);
    expect(ended.code).toBe(0);
    const spool = join(folder, ".assay", "spool");
    const [name = ""] = readdirSync(spool);
    const kept = readFileSync(join(spool, name), "utf8");
    expect(kept).toContain("answer 2");
    expect(kept).not.toContain("sk-fake");
    rmSync(join(folder, "assay.db"), { recursive: true });
    const doctor = await project.assay("doctor", "--tracking-uri", "sqlite:///away/assay.db");
    expect(doctor.stdout).toContain("traces of 1 process(es) wait on disk");
    await runProgram("naturally", "away/assay.db", 1);
    const traces = await storedTraces("away/assay.db");
    const roots = traces.filter(({ name }) => name === "root");
    expect(roots).toHaveLength(4);
    expect(feedbackOf(roots)).toEqual([
      ["inside", 0.5],
      ["inside", 0.5],
    ]);
    expect(readdirSync(spool)).toEqual([]);
  });

  test("and has lost spans has them counted by the doctor", async () => {
    const folder = join(project.folder, "full");
    mkdirSync(join(folder, "assay.db"), { recursive: true });
    mkdirSync(join(folder, ".assay", "spool"), { recursive: true });
    writeFileSync(join(folder, ".assay", "spool", "dropped.jsonl"), '{"time":1,"spans":12}\n');
    const doctor = await project.assay("doctor", "--tracking-uri", "sqlite:///full/assay.db");
    expect(doctor.stdout).toContain("12 spans were lost");
  });
});
