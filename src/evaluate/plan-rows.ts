import { AssayError, type Row, sha256 } from "../core/index.ts";
import type { TrialContext } from "./predict.ts";
import { isStatic } from "./run-trials.ts";

/** Rows that are written together. */
const BATCH = 64;

/** Chunks a run has at least, where it has as many rows, so that there is work for every worker. */
const FEWEST_CHUNKS = 64;

/** Rows in a chunk at most: what a worker that dies may hold up for the length of its lease. */
const LARGEST_CHUNK = 32;

/** The same where a row costs next to nothing. */
const LARGEST_STATIC_CHUNK = 1024;

/**
 * Writes the rows into the store, parted into chunks in the order in which they are to be taken, which the
 * seed and the keys of the rows decide. Takes the place of what was planned before.
 *
 * @returns The ordinals of the rows in that order.
 * @throws {AssayError} `cancelled` when it is stopped meanwhile.
 */
export async function planRows({ plan, store, runId }: TrialContext): Promise<number[]> {
  const { seed = 0, limit, signal } = plan.options;
  const most = plan.rows ?? limit;
  await store.work.clear(runId);
  // Numbers alone are kept, so that a million rows take a few megabytes.
  const ordinals: number[] = [];
  const places: number[] = [];
  let batch: Row[] = [];
  for await (const row of plan.source.rows()) {
    if (signal?.aborted) {
      throw new AssayError("cancelled", "Stopped while the rows were being written; begin again");
    }
    plan.facts?.add(row);
    ordinals.push(row.ordinal);
    places.push(placeOf(seed, row));
    batch.push(row);
    if (batch.length === BATCH) {
      await store.work.addRows(runId, batch);
      batch = [];
    }
    if (ordinals.length === most) break;
  }
  if (batch.length > 0) await store.work.addRows(runId, batch);
  const order = inOrder(places);
  const largest = isStatic(plan) ? LARGEST_STATIC_CHUNK : LARGEST_CHUNK;
  const size = Math.min(largest, Math.ceil(order.length / FEWEST_CHUNKS));
  const chunks: number[][] = [];
  for (let start = 0; start < order.length; start += size) {
    chunks.push(Array.from(order.subarray(start, start + size), (at) => ordinals[at] as number));
  }
  await store.results.setPlannedRows(runId, order.length);
  await store.work.open(runId, chunks);
  return chunks.flat();
}

/** The order of rows that were planned by another process, from the data and the seed. */
export async function orderOf({ plan }: Pick<TrialContext, "plan">): Promise<number[]> {
  const { seed = 0, limit } = plan.options;
  const most = plan.rows ?? limit;
  const ordinals: number[] = [];
  const places: number[] = [];
  for await (const row of plan.source.rows()) {
    plan.facts?.add(row);
    ordinals.push(row.ordinal);
    places.push(placeOf(seed, row));
    if (ordinals.length === most) break;
  }
  return Array.from(inOrder(places), (at) => ordinals[at] as number);
}

function inOrder(places: readonly number[]): Uint32Array {
  return Uint32Array.from(places.keys()).sort(
    (a, b) => (places[a] as number) - (places[b] as number) || a - b,
  );
}

/** The first 52 bits of the sha256 of seed and key, which a double holds exactly. */
function placeOf(seed: number, { rowKey }: Row): number {
  return Number.parseInt(sha256(`${seed}\n${rowKey}`).slice(0, 13), 16);
}
