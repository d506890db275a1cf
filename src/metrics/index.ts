export { ariGradeLevel } from "./ari-grade-level.ts";
export { type BleuOptions, type BleuScore, corpusBleu, sentenceBleu } from "./bleu.ts";
export { type BleuScorerOptions, bleu } from "./bleu-scorer.ts";
export type { BleuTokenizer } from "./bleu-tokenizer.ts";
export { type ChrfOptions, corpusChrf, sentenceChrf } from "./chrf.ts";
export { type ChrfScorerOptions, chrf } from "./chrf-scorer.ts";
export type { ClassificationConfig } from "./classification-fold.ts";
export { classifierMetrics, f1Score, precisionScore, recallScore } from "./classifier.ts";
export {
  type DefaultScorers,
  type DefaultScorersConfig,
  defaultScorers,
  defaultScorersWithNotes,
  MODEL_TYPES,
  type ModelType,
} from "./default-scorers.ts";
export { type ExactMatchOptions, exactMatch } from "./exact-match.ts";
export { f1AtK } from "./f1-at-k.ts";
export { fleschKincaidGradeLevel } from "./flesch-kincaid-grade-level.ts";
export { hitRateAtK } from "./hit-rate-at-k.ts";
export { type JsonF1Options, jsonF1 } from "./json-f1.ts";
export { type JsonSchemaOptions, jsonSchema } from "./json-schema.ts";
export { jsonValidity } from "./json-validity.ts";
export { levenshtein, levenshteinDistance } from "./levenshtein.ts";
export {
  type EvalFunction,
  type MakeMetricOptions,
  type MetricValue,
  makeMetric,
} from "./make-metric.ts";
export type { ArgumentMatch } from "./match-tool-calls.ts";
export {
  type MeanAveragePrecisionOptions,
  meanAveragePrecision,
} from "./mean-average-precision.ts";
export { meanReciprocalRank } from "./mean-reciprocal-rank.ts";
export { costUsd, inputTokens, latencySeconds, outputTokens, totalTokens } from "./measurements.ts";
export { type NdcgAtKOptions, ndcgAtK } from "./ndcg-at-k.ts";
export type { TextNormalization } from "./normalize-text.ts";
export { type NumericMatchOptions, numericCloseness, numericMatch } from "./numeric-match.ts";
export { type PrecisionAtKOptions, precisionAtK } from "./precision-at-k.ts";
export type { Average } from "./precision-recall.ts";
export type { ReadJsonOptions } from "./read-json.ts";
export type { ReadNumberOptions } from "./read-number.ts";
export { recallAtK } from "./recall-at-k.ts";
export { type RegexMatchOptions, regexMatch } from "./regex-match.ts";
export { mae, mape, maxError, mse, r2Score, regressorMetrics, rmse } from "./regressor.ts";
export type { RetrievalOptions } from "./retrieval-scorer.ts";
export { ROUGE_TYPES, type RougeScore, type RougeType, rougeScore } from "./rouge.ts";
export { rouge1, rouge2, rougeL, rougeLsum } from "./rouge-scorers.ts";
export type { RougeOptions } from "./rouge-tokenizer.ts";
export { normalizeSquadAnswer } from "./squad-normalization.ts";
export {
  contains,
  containsAll,
  containsAny,
  endsWith,
  startsWith,
  type TextCheckOptions,
} from "./text-checks.ts";
export { tokenCount } from "./token-count.ts";
export { type TokenF1Options, tokenF1 } from "./token-f1.ts";
export { type ToolCallMatchOptions, toolCallF1, toolCallMatch } from "./tool-call-match.ts";
export { type ToxicityOptions, toxicity } from "./toxicity.ts";
