import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { openStore, type TrackingStore } from "../../src/store/index.ts";
import { outputOf, startProgram } from "./child-program.ts";
import { tempFolder } from "./temp-folder.ts";

const newUri = () => `sqlite:///${join(tempFolder(), "assay.db")}`;

async function beginRun(store: TrackingStore): Promise<string> {
  const { experimentId } = await store.experiments.ensureExperiment("e");
  const { runId } = await store.runs.createRun({ experimentId });
  await store.results.beginEvaluation(runId, {
    name: "e",
    trials: 1,
    scorers: [{ name: "s" }],
    dataset: { name: "d" },
  });
  return runId;
}

async function committedOrdinals(store: TrackingStore, runId: string): Promise<number[]> {
  const ordinals: number[] = [];
  for await (const row of store.results.listResults(runId)) ordinals.push(row.ordinal);
  return ordinals;
}

test("several processes that open an empty database at once all succeed", async () => {
  const uri = newUri();
  const programs = Array.from({ length: 6 }, () => startProgram("open.ts", uri));
  const ids = (await Promise.all(programs.map(outputOf))).flat();
  expect(ids).toHaveLength(6);
  expect(new Set(ids).size).toBe(1);
});

test("two processes that write at once lose nothing", async () => {
  const uri = newUri();
  const store = await openStore(uri);
  const runId = await beginRun(store);
  const programs = [
    startProgram("commit-rows.ts", uri, runId, "0", "300"),
    startProgram("commit-rows.ts", uri, runId, "300", "600"),
  ];
  await Promise.all(programs.map(outputOf));
  expect(await committedOrdinals(store, runId)).toEqual([...Array(600).keys()]);
  expect(await store.results.countScores(runId, "s")).toMatchObject({ scored: 600 });
  await store.close();
});

test("a process killed while committing leaves every acknowledged result and a sound database", async () => {
  const uri = newUri();
  const store = await openStore(uri);
  const runId = await beginRun(store);
  await store.close();
  const program = startProgram("commit-rows.ts", uri, runId, "0", "1000000");
  const acknowledged: number[] = [];
  for await (const line of program.lines) {
    acknowledged.push(Number(line));
    if (acknowledged.length === 200) program.kill("SIGKILL");
  }
  expect((await program.ended).code).toBeNull();

  const reopened = await openStore(uri);
  const committed = new Set(await committedOrdinals(reopened, runId));
  expect(acknowledged.filter((ordinal) => !committed.has(ordinal))).toEqual([]);
  const { ordinals, values } = await reopened.results.scoreValues(runId, "s");
  expect(values).toEqual(ordinals);
  // Eight were under way at the most.
  expect(committed.size - ordinals.length).toBeLessThanOrEqual(8);
  await outputOf(startProgram("commit-rows.ts", uri, runId, "2000000", "2000001"));
  expect(await committedOrdinals(reopened, runId)).toContain(2_000_000);
  await reopened.close();
});

test("the event loop goes on while another process holds the lock", async () => {
  const uri = newUri();
  const store = await openStore(uri);
  const runId = await beginRun(store);
  const holder = startProgram("hold-lock.ts", uri.slice("sqlite:///".length));
  for await (const line of holder.lines) if (line === "held") break;

  let isWritten = false;
  const write = store.runs.logBatch(runId, { tags: { a: "1" } }).then(() => {
    isWritten = true;
  });
  let longest = 0;
  for (let turn = 0; turn < 200; turn++) {
    const before = performance.now();
    await nextTurn();
    longest = Math.max(longest, performance.now() - before);
  }
  expect(longest).toBeLessThan(250);
  expect(isWritten).toBe(false);

  holder.send("release");
  await write;
  expect((await store.runs.getRun(runId))?.tags.a).toBe("1");
  await holder.ended;
  await store.close();
});
