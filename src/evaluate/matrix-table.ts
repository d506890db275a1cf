import type { JsonValue, Run } from "../core/index.ts";
import type { TrackingStore } from "../store/index.ts";
import { LOGGED_ARTIFACTS_TAG, loggedArtifactsWith } from "../tracking/index.ts";
import type { Cell } from "./matrix-options.ts";
import type { EvaluateResult } from "./result.ts";

const PATH = "comparison.json";

/** Stores the metrics of all cells side by side with the parent, one cell a row, as MLflow stores tables. */
export async function writeComparison(
  store: TrackingStore,
  parent: Run,
  runs: readonly (EvaluateResult & { readonly cell: Cell })[],
): Promise<void> {
  const metrics = [...new Set(runs.flatMap(({ metrics }) => Object.keys(metrics)))];
  const columns = ["model", "prompt", "run_id", "status", "decision", ...metrics];
  const data = runs.map(({ cell, runId, status, decision, metrics: own }): JsonValue[] => [
    cell.model ?? null,
    cell.prompt ?? null,
    runId,
    status,
    decision ?? null,
    ...metrics.map((key) => own[key] ?? null),
  ]);
  const content = `${JSON.stringify(store.scrubber.value({ columns, data }), null, 2)}\n`;
  await store.artifacts.write(parent.artifactUri, PATH, content);
  const tag = loggedArtifactsWith(parent.tags[LOGGED_ARTIFACTS_TAG], PATH);
  if (tag !== undefined) {
    await store.runs.logBatch(parent.runId, { tags: { [LOGGED_ARTIFACTS_TAG]: tag } });
  }
}
