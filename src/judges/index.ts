export {
  type BuiltinJudgeOptions,
  builtinJudge,
  correctness,
  faithfulness,
  type JudgeListing,
  judgeFromFile,
  listJudges,
  relevance,
} from "./builtin.ts";
export type { Agreement, Estimate } from "./calibration/agreement.ts";
export { type CalibrateOptions, type Calibration, calibrate } from "./calibration/calibrate.ts";
export type { AskOptions } from "./calibration/judge-rows.ts";
export type { LabelledRow, LabelValue } from "./calibration/labels.ts";
export { type JudgeFile, judgeFileJsonSchema, loadJudgeFile } from "./judge-file.ts";
export {
  type EvaluationExample,
  type GenaiMetricFromPromptOptions,
  type GenaiMetricOptions,
  makeGenaiMetric,
  makeGenaiMetricFromPrompt,
} from "./make-genai-metric.ts";
export { type JudgeOptions, makeJudge } from "./make-judge.ts";
