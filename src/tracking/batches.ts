import { BATCH_LIMITS } from "../store/limits.ts";
import type { RunBatch, TrackingStore } from "../store/ports/index.ts";

/**
 * Writes what one batch may not hold in as many as it takes, at once; one that fits is written whole or
 * not at all.
 *
 * @throws {AssayError} the first refusal, when every batch has been tried.
 */
export async function logInBatches(
  { runs }: TrackingStore,
  runId: string,
  batch: RunBatch,
): Promise<void> {
  const written = batchesOf(batch).map((part) => runs.logBatch(runId, part));
  const outcomes = await Promise.allSettled(written);
  const refused = outcomes.find((outcome) => outcome.status === "rejected");
  if (refused !== undefined) throw refused.reason;
}

function batchesOf(batch: RunBatch): RunBatch[] {
  const { metrics = [], params = {}, tags = {} } = batch;
  const [paramEntries, tagEntries] = [Object.entries(params), Object.entries(tags)];
  const fits =
    metrics.length + paramEntries.length + tagEntries.length <= BATCH_LIMITS.total &&
    paramEntries.length <= BATCH_LIMITS.params &&
    tagEntries.length <= BATCH_LIMITS.tags;
  if (fits) return [batch];
  return [
    ...slices(paramEntries, BATCH_LIMITS.params).map((part) => ({
      params: Object.fromEntries(part),
    })),
    ...slices(tagEntries, BATCH_LIMITS.tags).map((part) => ({ tags: Object.fromEntries(part) })),
    ...slices(metrics, BATCH_LIMITS.metrics).map((part) => ({ metrics: part })),
  ];
}

function slices<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, at) => items.slice(at * size, (at + 1) * size));
}
