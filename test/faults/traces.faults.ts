import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import Database from "better-sqlite3";
import { afterAll, describe, expect, test } from "vitest";
import type { TraceInfo } from "../../src/core/index.ts";
import { openStore, type TrackingStore } from "../../src/store/index.ts";
import { endOf, newProject } from "../support/run-cli.ts";

const project = newProject();
afterAll(() => project.remove());

/** Twenty traces of two spans a second, until it is told to end; says how many, and the longest pause of its loop. */
const file = project.write(
  "traced.mjs",
  `
import { setTrackingUri, withSpan } from "assay";
import { setTimeout as delay } from "node:timers/promises";
process.on("warning", () => undefined);
setTrackingUri("sqlite:///" + process.argv[2]);
let isOver = false;
process.stdin.once("data", () => { isOver = true; });
let count = 0;
let last = performance.now();
let longest = 0;
const watch = setInterval(() => {
  const now = performance.now();
  // The first second loads the store.
  if (count > 20) longest = Math.max(longest, now - last - 5);
  last = now;
}, 5);
while (!isOver) {
  await withSpan(() => withSpan(() => "x".repeat(1000), { name: "inner" }), { name: "root", inputs: { n: count } });
  count += 1;
  await delay(50);
}
clearInterval(watch);
process.stdin.pause();
console.log(JSON.stringify({ count, longest }));
`,
);

function start(database: string) {
  return spawn(process.execPath, [file, database], {
    cwd: project.folder,
    env: { PATH: process.env.PATH ?? "" },
    stdio: ["pipe", "pipe", "pipe"],
  });
}

async function rootsIn(store: TrackingStore): Promise<TraceInfo[]> {
  const all: TraceInfo[] = [];
  let pageToken: string | undefined;
  do {
    const page = { maxResults: 500, ...(pageToken !== undefined && { pageToken }) };
    const found = await store.traces.searchTraces(page);
    all.push(...found.items);
    pageToken = found.nextPageToken;
  } while (pageToken !== undefined);
  return all;
}

describe("a program that is traced", () => {
  test("for 75 s, of which its store is locked for 35, has every span stored by its end", async () => {
    const path = join(project.folder, "locked.db");
    const program = start("locked.db");
    const ended = endOf(program);
    while (!existsSync(path)) await delay(50);
    await delay(3_000);
    const other = new Database(path);
    other.pragma("busy_timeout = 5000");
    other.exec("BEGIN IMMEDIATE");
    await delay(35_000);
    other.exec("COMMIT");
    other.close();
    // The next try comes half a minute later at most.
    await delay(35_000);
    program.stdin.write("end\n");
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    const { count, longest } = JSON.parse(stdout) as { count: number; longest: number };
    const store = await openStore(`sqlite:///${path}`);
    const roots = await rootsIn(store);
    await store.close();
    expect(roots).toHaveLength(count);
    expect(roots.filter(({ state, spanCount }) => state !== "OK" || spanCount !== 2)).toEqual([]);
    expect(readdirSync(join(project.folder, ".assay", "spool"))).toEqual([]);
    // Others work on the machine too: ten times what a slice takes.
    expect(longest).toBeLessThan(200);
  });

  test("and killed loses what ended in its last second, and no more", async () => {
    const path = join(project.folder, "killed.db");
    const program = start("killed.db");
    while (!existsSync(path)) await delay(50);
    await delay(5_000);
    program.kill("SIGKILL");
    const killedAt = Date.now();
    await endOf(program);
    const store = await openStore(`sqlite:///${path}`);
    const roots = await rootsIn(store);
    await store.close();
    expect(roots.length).toBeGreaterThan(20);
    expect(roots.filter(({ spanCount }) => spanCount !== 2)).toEqual([]);
    const last = Math.max(...roots.map(({ startTime }) => startTime));
    expect(killedAt - last).toBeLessThan(1_500);
  });
});
