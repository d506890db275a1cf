export type { Aggregation, Interval, Summary } from "./core/aggregation.ts";
export type { Experiment, Metric, Run, RunInfo, RunStatus } from "./core/entities.ts";
export { AssayError, type ErrorCode } from "./core/errors.ts";
export type { ResultRow, Usage } from "./core/result.ts";
export type { Row } from "./core/row.ts";
export {
  defineScorer,
  type JudgeCall,
  type NamedScore,
  type RetrievedDocument,
  type Score,
  type Scorer,
  type ScorerFunction,
  type ScorerInput,
  type ScorerOptions,
  type ScorerOutput,
  type UnscoredReason,
} from "./core/score.ts";
export type { Span, SpanType, Trace, TraceInfo } from "./core/trace.ts";
export {
  defineEval,
  type EvaluateOptions,
  type EvaluateResult,
  evaluate,
  type Model,
  type ModelContext,
  type Progress,
} from "./evaluate/index.ts";
export type { GateResult } from "./gates/index.ts";
// By file: the index also has the built-in judges, which bring a YAML parser and schemas along.
export {
  type EvaluationExample,
  type GenaiMetricFromPromptOptions,
  type GenaiMetricOptions,
  makeGenaiMetric,
  makeGenaiMetricFromPrompt,
} from "./judges/make-genai-metric.ts";
export { type JudgeOptions, makeJudge } from "./judges/make-judge.ts";
export {
  flushTraces,
  type LiveSpan,
  type SpanOptions,
  startSpan,
  trace,
  withSpan,
} from "./tracing/index.ts";
export { autolog } from "./tracing/langchain/index.ts";
export {
  ActiveRun,
  activeRun,
  configure,
  type DownloadArtifactsOptions,
  downloadArtifacts,
  endRun,
  type Figure,
  getRun,
  getTrackingUri,
  type ListArtifactsOptions,
  listArtifacts,
  logArtifact,
  logArtifacts,
  logDict,
  logFigure,
  logMetric,
  logMetrics,
  logParam,
  logParams,
  logTable,
  logText,
  type StartRunOptions,
  setExperiment,
  setTag,
  setTags,
  setTrackingUri,
  startRun,
  withRun,
} from "./tracking/index.ts";
