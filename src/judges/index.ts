export {
  answerCorrectness,
  answerRelevance,
  answerSimilarity,
  type BuiltinJudgeOptions,
  builtinJudge,
  claimFaithfulness,
  completeness,
  conversationalGuidelines,
  conversationalSafety,
  conversationalToolCallEfficiency,
  conversationCompleteness,
  correctness,
  equivalence,
  expectationsGuidelines,
  faithfulness,
  fluency,
  type GuidelinesOptions,
  guidelines,
  hallucination,
  knowledgeRetention,
  preference,
  relevance,
  relevanceToQuery,
  retrievalGroundedness,
  retrievalRelevance,
  retrievalSufficiency,
  roleAdherence,
  safety,
  summarization,
  toolCallCorrectness,
  toolCallEfficiency,
  toxicity,
  userFrustration,
} from "./builtin.ts";
export type { Agreement, Estimate } from "./calibration/agreement.ts";
export { type CalibrateOptions, type Calibration, calibrate } from "./calibration/calibrate.ts";
export type { AskOptions } from "./calibration/judge-rows.ts";
export type { LabelledRow, LabelValue } from "./calibration/labels.ts";
export type { CommonJudgeOptions } from "./common-options.ts";
export { type JudgeFile, judgeFileJsonSchema, loadJudgeFile } from "./judge-file.ts";
export { type JudgeFileOptions, judgeFromFile, loadJudge } from "./judge-from-file.ts";
export type { JudgeModel } from "./judge-model.ts";
export { type JudgeListing, listJudges } from "./list-judges.ts";
export {
  type EvaluationExample,
  type GenaiMetricFromPromptOptions,
  type GenaiMetricOptions,
  makeGenaiMetric,
  makeGenaiMetricFromPrompt,
} from "./make-genai-metric.ts";
export { type JudgeOptions, makeJudge } from "./make-judge.ts";
export { makePairwiseJudge, type PairwiseJudgeOptions } from "./make-pairwise-judge.ts";
export { type ModerationOptions, moderation } from "./moderation.ts";
export { type PanelOptions, panel } from "./panel.ts";
