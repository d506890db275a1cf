export { defineEval } from "./define-eval.ts";
export { type CostEstimate, estimateCost } from "./estimate-cost.ts";
export { planSharedRun, runOrResume, runPlan } from "./evaluate.ts";
export {
  type CellResult,
  evaluate,
  type MatrixPlan,
  type MatrixResult,
  matrixToResume,
  planMatrix,
  runMatrix,
} from "./evaluate-matrix.ts";
export type { EvaluatorConfig } from "./evaluator-config.ts";
export { fieldFilter } from "./field-filter.ts";
export { type FlakyRow, flakyRowsOf } from "./flaky-rows.ts";
export {
  type CompareOptions,
  compareRuns,
  type RunComparison,
  type ScorerComparison,
} from "./gating/compare-runs.ts";
export { baselineFileOf, setBaselineAlias } from "./gating/find-baseline.ts";
export type { Guarantee } from "./gating/gated-run.ts";
export { planSizes, type Size, type SizeOptions, type SizePlan } from "./gating/plan-sizes.ts";
export { decideStoredRun, type StoredGateOptions } from "./gating/stored-run.ts";
export { checkOptionTypes } from "./known-options.ts";
export { runToResume } from "./left-to-do.ts";
export {
  type Cell,
  isMatrix,
  type MatrixOptions,
  type Models,
  type Prompts,
} from "./matrix-options.ts";
export { modelSettings } from "./model-settings.ts";
export type {
  Counts,
  EvaluateOptions,
  Inputs,
  Model,
  ModelContext,
  ModelFunction,
  Progress,
  RunnableLike,
  ScorerLike,
} from "./options.ts";
export { type Plan, planEvaluation } from "./plan.ts";
export { isPromptPath } from "./prompt.ts";
export type { EvaluateResult } from "./result.ts";
export type { TableRecord } from "./results-table.ts";
export { type ScoreTracesOptions, scoreTraces } from "./score-traces.ts";
export { type MergeOptions, mergeShards } from "./shards/merge-shards.ts";
export type { ShardRun } from "./shards/merged-outcome.ts";
export { SHARD_TAG } from "./shards/shard.ts";
export { keepHeapSmall } from "./small-heap.ts";
export { type ReportedEvaluation, storedEvaluation } from "./stored-evaluation.ts";
export { StopWithin } from "./within-deadline.ts";
