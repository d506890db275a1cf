export { type BleuOptions, type BleuScore, corpusBleu, sentenceBleu } from "./bleu.ts";
export { bleu } from "./bleu-scorer.ts";
export type { BleuTokenizer } from "./bleu-tokenizer.ts";
export { type ChrfOptions, corpusChrf, sentenceChrf } from "./chrf.ts";
export { chrf } from "./chrf-scorer.ts";
export { defaultScorers, MODEL_TYPES, type ModelType } from "./default-scorers.ts";
export { type ExactMatchOptions, exactMatch } from "./exact-match.ts";
export { levenshtein, levenshteinDistance } from "./levenshtein.ts";
export {
  type NdcgAtKOptions,
  ndcgAtK,
  type PrecisionAtKOptions,
  precisionAtK,
  recallAtK,
} from "./retrieval.ts";
export { ROUGE_TYPES, type RougeScore, type RougeType, rougeScore } from "./rouge.ts";
export { rouge1, rouge2, rougeL, rougeLsum } from "./rouge-scorers.ts";
export type { RougeOptions } from "./rouge-tokenizer.ts";
export { normalizeSquadAnswer } from "./squad-normalization.ts";
export { tokenF1 } from "./token-f1.ts";
