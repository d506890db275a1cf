export type {
  BaselineComparison,
  Decision,
  GateCounts,
  GateResult,
  Verdict,
} from "../core/index.ts";
export {
  type AssertGateOptions,
  assertPassesGate,
  assertScoresAtLeast,
  type GatedResult,
} from "./assertions.ts";
export {
  type Baseline,
  type BaselineData,
  type BaselineFile,
  type BaselineScorer,
  baselineValue,
  type Candidate,
  checkBaseline,
  checkSameMeasure,
  needsBaseline,
  readBaselineFile,
  writeBaselineFile,
} from "./baseline.ts";
export {
  findMetric,
  findScorer,
  type GateCatalog,
  type GateMetric,
  type GateScorer,
} from "./catalog.ts";
export { checkGates, checkRowCount, type PlannedRows } from "./check-gates.ts";
export { closestNames } from "./closest-names.ts";
export { type BaselineCase, decideBaselines } from "./decide-baseline.ts";
export { decideGate, type Evidence, overallDecision, overallVerdict } from "./decide-gate.ts";
export { decideRows, type RowsEvidence, rowMeets, standsAgainst } from "./decide-rows.ts";
export {
  type Bound,
  type Gate,
  type MetricGate,
  OPERATORS,
  type Operator,
  type Quantifier,
  type RowsGate,
  type Slice,
} from "./gate.ts";
export {
  findValidationFailures,
  type MetricThreshold,
  type ValidatedResult,
  type ValidationFailure,
  validateEvaluationResults,
} from "./metric-threshold.ts";
export {
  detectableDifference,
  type PairedDemand,
  type PairedEvidence,
  type Pairs,
  pairedEvidence,
} from "./paired-evidence.ts";
export { parseGate } from "./parse-gate.ts";
export {
  type Block,
  type EvaluationReport,
  labelOf,
  type Outcome,
  outcomeOf,
  type ReportDocument,
  reportDocument,
  reportJsonSchema,
  toAnnotations,
  toErrorAnnotation,
  toHtml,
  toJUnit,
  toMarkdown,
  toOutputs,
} from "./reports/index.ts";
export {
  type Certain,
  refused,
  type SequentialGate,
  type SequentialRow,
  sequentialMeanGate,
  sequentialRowsGate,
} from "./sequential-gate.ts";
