import { CommonSubsequence } from "./common-subsequence.ts";
import { ngramCount, ngramMatches } from "./ngram-matches.ts";
import { type RougeOptions, rougeTokens } from "./rouge-tokenizer.ts";
import { Vocabulary } from "./vocabulary.ts";

export const ROUGE_TYPES = ["rouge1", "rouge2", "rougeL", "rougeLsum"] as const;

export type RougeType = (typeof ROUGE_TYPES)[number];

/** Each in [0, 1]; all 0 when a side has nothing to count. */
export interface RougeScore {
  readonly precision: number;
  readonly recall: number;
  readonly fmeasure: number;
}

/**
 * ROUGE of a prediction against one target, as google-research/rouge computes it.
 *
 * `rouge1` and `rouge2` count shared words and word pairs, `rougeL` the longest common subsequence
 * of the texts, `rougeLsum` those of their lines.
 *
 * @see Lin (2004), ROUGE: A package for automatic evaluation of summaries.
 */
export function rougeScore(
  prediction: string,
  target: string,
  type: RougeType,
  options: RougeOptions = {},
): RougeScore {
  if (type === "rougeLsum") return rougeOfLines(prediction, target, options);
  const vocabulary = new Vocabulary();
  const reference = vocabulary.encode(rougeTokens(target, options));
  const predicted = vocabulary.encode(rougeTokens(prediction, options));
  if (type === "rougeL") {
    const common = new CommonSubsequence(reference, vocabulary.size).length(predicted);
    return scoreOf(common, predicted.length, reference.length);
  }
  const order = type === "rouge1" ? 1 : 2;
  const matches = ngramMatches(predicted, [reference], order, vocabulary.size);
  return scoreOf(
    matches[order - 1] ?? 0,
    ngramCount(predicted.length, order),
    ngramCount(reference.length, order),
  );
}

function rougeOfLines(prediction: string, target: string, options: RougeOptions): RougeScore {
  const vocabulary = new Vocabulary();
  const encodeLines = (text: string) =>
    text.split("\n").map((line) => vocabulary.encode(rougeTokens(line, options)));
  const targetLines = encodeLines(target);
  const predictedLines = encodeLines(prediction);
  // A token is a hit at most as often as it stands in either text.
  const unusedInTarget = tokenCounts(targetLines, vocabulary.size);
  const unusedInPrediction = tokenCounts(predictedLines, vocabulary.size);
  let hits = 0;
  for (const line of targetLines) {
    const inSomeLine = new Uint8Array(line.length);
    const subsequence = new CommonSubsequence(line, vocabulary.size);
    for (const predicted of predictedLines) subsequence.mark(predicted, inSomeLine);
    line.forEach((token, position) => {
      const inTarget = unusedInTarget[token] as number;
      const inPrediction = unusedInPrediction[token] as number;
      if (inSomeLine[position] === 0 || inTarget === 0 || inPrediction === 0) return;
      unusedInTarget[token] = inTarget - 1;
      unusedInPrediction[token] = inPrediction - 1;
      hits += 1;
    });
  }
  return scoreOf(hits, totalLength(predictedLines), totalLength(targetLines));
}

function tokenCounts(lines: readonly Int32Array[], vocabularySize: number): Int32Array {
  const counts = new Int32Array(vocabularySize);
  for (const line of lines) {
    for (const token of line) counts[token] = (counts[token] as number) + 1;
  }
  return counts;
}

function totalLength(lines: readonly Int32Array[]): number {
  return lines.reduce((total, line) => total + line.length, 0);
}

function scoreOf(hits: number, predicted: number, expected: number): RougeScore {
  if (hits === 0) return { precision: 0, recall: 0, fmeasure: 0 };
  const precision = hits / predicted;
  const recall = hits / expected;
  return { precision, recall, fmeasure: (2 * precision * recall) / (precision + recall) };
}
