import { expect } from "vitest";
import { openStore, type TrackingStore } from "../../src/store/index.ts";
import { outputOf, startProgram } from "../store/child-program.ts";
import { shownOf, WHOLE } from "../store/programs/whole-run.ts";

async function runIdsIn(store: TrackingStore): Promise<string[]> {
  const { experimentId } = await store.experiments.ensureExperiment("mix");
  const runs = await store.runs.listRuns({ experimentIds: [experimentId], limit: 10_000_000 });
  return runs.map((run) => run.runId);
}

/** Eight processes write for so long: every acknowledged run is there once, whole, and no error came. */
export async function writeInACrowd(uri: string, seconds: number): Promise<number> {
  const programs = Array.from({ length: 8 }, () =>
    startProgram("write-mix.ts", uri, String(seconds), "4"),
  );
  const outputs = await Promise.all(programs.map(outputOf));
  const acknowledged = outputs.flat().filter((line) => line !== "ready");
  const store = await openStore(uri);
  const stored = await runIdsIn(store);
  expect(stored.sort()).toEqual(acknowledged.sort());
  for (const runId of acknowledged) expect(await shownOf(store, runId)).toEqual(WHOLE);
  await store.close();
  return acknowledged.length;
}

/** A process that writes is killed after `delayMs`: what it had acknowledged is whole, the rest in whole parts. */
export async function killWhileWriting(uri: string, delayMs: number): Promise<number> {
  const program = startProgram("write-mix.ts", uri, "3600", "8");
  const acknowledged: string[] = [];
  for await (const line of program.lines) {
    if (line === "ready") setTimeout(() => program.kill("SIGKILL"), delayMs);
    else acknowledged.push(line);
  }
  expect((await program.ended).code).toBeNull();
  const store = await openStore(uri);
  for (const runId of acknowledged) expect(await shownOf(store, runId)).toEqual(WHOLE);
  const last = (await runIdsIn(store)).slice(0, 20);
  for (const runId of last) expectWholeParts(await shownOf(store, runId));
  await store.close();
  return acknowledged.length;
}

/** What was written together is there together, or not at all. */
function expectWholeParts(shown: Awaited<ReturnType<typeof shownOf>>): void {
  const { params, tags, points, spans } = shown;
  expect([`0 0 0`, `${WHOLE.params} ${WHOLE.tags} ${WHOLE.points}`]).toContain(
    `${params} ${tags} ${points}`,
  );
  expect([0, WHOLE.spans]).toContain(spans);
  for (const score of shown.scores) expect(shown.ordinals).toContain(score);
  if (!shown.hasEvaluation) expect(shown.ordinals).toEqual([]);
}

/** The same moments on every run. */
export function* delays(count: number, longestMs: number): Generator<number> {
  let state = 20_261_121;
  for (let at = 0; at < count; at++) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield Math.round((state / 2_147_483_648) * longestMs);
  }
}
