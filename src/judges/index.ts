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
export { type JudgeFile, judgeFileJsonSchema, loadJudgeFile } from "./judge-file.ts";
export {
  type EvaluationExample,
  type GenaiMetricFromPromptOptions,
  type GenaiMetricOptions,
  makeGenaiMetric,
  makeGenaiMetricFromPrompt,
} from "./make-genai-metric.ts";
export { type JudgeOptions, makeJudge } from "./make-judge.ts";
