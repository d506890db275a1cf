import type { JsonValue, Run } from "../core/index.ts";
import type { TrackingStore } from "../store/index.ts";
import type { Cell } from "./matrix-options.ts";
import type { EvaluateResult } from "./result.ts";
import { RunFiles, type WrittenArtifacts } from "./run-artifacts.ts";

/** Stores the metrics of all cells side by side with the parent, one cell a row, as MLflow stores tables. */
export async function writeComparison(
  store: TrackingStore,
  parent: Run,
  runs: readonly (EvaluateResult & { readonly cell: Cell })[],
): Promise<WrittenArtifacts> {
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
  const files = new RunFiles(store, parent);
  await files.writeJson("comparison", { columns, data }, true);
  return files;
}
