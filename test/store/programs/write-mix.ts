// Writes runs with all that belongs to them, several at a time, for so many seconds or until it is
// killed, and says the id of each run once all of it is acknowledged.
import type { TrackingStore } from "../../../src/store/index.ts";
import { storeOfProgram } from "./evaluation-program.ts";
import { writeWholeRun } from "./whole-run.ts";

const seconds = Number(process.argv[3]);
const concurrency = Number(process.argv[4] ?? 4);
const store = await storeOfProgram();
const { experimentId } = await store.experiments.ensureExperiment("mix");
const end = performance.now() + seconds * 1000;

async function work(target: TrackingStore): Promise<void> {
  while (performance.now() < end) {
    process.stdout.write(`${await writeWholeRun(target, experimentId)}\n`);
  }
}

process.stdout.write("ready\n");
await Promise.all(Array.from({ length: concurrency }, () => work(store)));
await store.close();
