import { AssayError } from "../core/errors.ts";
import { ngramCount, ngramMatches } from "./ngram-matches.ts";
import { Vocabulary } from "./vocabulary.ts";

export interface ChrfOptions {
  /** Longest n-gram of characters; default 6. */
  readonly charOrder?: number;
  /** Longest n-gram of words; default 0, which is chrF. 2 is chrF++. */
  readonly wordOrder?: number;
  /** Recall counts this many times as much as precision; default 2. */
  readonly beta?: number;
  /** Default false. */
  readonly lowercase?: boolean;
  /** Default false: white space is no character. */
  readonly whitespace?: boolean;
  /**
   * Default false: only orders that both texts are long enough for are averaged. True averages over
   * all orders, as chrF++.py and NLTK did.
   */
  readonly epsSmoothing?: boolean;
}

/** chrF of one text against the reference that fits best, in [0, 100]. */
export function sentenceChrf(
  prediction: string,
  references: readonly string[],
  options: ChrfOptions = {},
): number {
  return chrfOfCounts(bestCounts(prediction, references, options), options);
}

/**
 * chrF of a corpus as sacrebleu computes it, in [0, 100]: counts are added up over the texts.
 *
 * @param references - For each prediction its references.
 * @throws {AssayError} `invalid-argument` where the lists differ in length or a prediction has no
 *   reference.
 * @see Popović (2015), chrF; (2017), chrF++.
 */
export function corpusChrf(
  predictions: readonly string[],
  references: readonly (readonly string[])[],
  options: ChrfOptions = {},
): number {
  if (predictions.length !== references.length) {
    throw new AssayError(
      "invalid-argument",
      `Expected references for each of ${predictions.length} predictions, got ${references.length}`,
    );
  }
  const total = new ChrfTotal(options);
  predictions.forEach((prediction, index) => {
    total.add(prediction, references[index] ?? []);
  });
  return total.score();
}

/** chrF of a corpus whose texts come one after the other; keeps counts alone. */
export class ChrfTotal {
  readonly #options: ChrfOptions;
  #counts: readonly OrderCounts[] = [];

  constructor(options: ChrfOptions) {
    this.#options = options;
  }

  add(prediction: string, references: readonly string[]): void {
    const counts = bestCounts(prediction, references, this.#options);
    this.#counts = counts.map((order, index) => add(order, this.#counts[index]));
  }

  /** In [0, 100]. */
  score(): number {
    return chrfOfCounts(this.#counts, this.#options);
  }
}

/** Counts of n-grams of one order. */
interface OrderCounts {
  readonly predicted: number;
  readonly expected: number;
  readonly matched: number;
}

function add(a: OrderCounts, b: OrderCounts = { predicted: 0, expected: 0, matched: 0 }) {
  return {
    predicted: a.predicted + b.predicted,
    expected: a.expected + b.expected,
    matched: a.matched + b.matched,
  };
}

/** The counts against the reference with the highest score, the first of equals. */
function bestCounts(
  prediction: string,
  references: readonly string[],
  options: ChrfOptions,
): readonly OrderCounts[] {
  const candidates = references.map((reference) => countsOf(prediction, reference, options));
  if (candidates.length === 0) {
    throw new AssayError("invalid-argument", "Expected at least one reference, got none");
  }
  const scores = candidates.map((counts) => chrfOfCounts(counts, options));
  return candidates[scores.indexOf(Math.max(...scores))] ?? [];
}

function countsOf(prediction: string, reference: string, options: ChrfOptions): OrderCounts[] {
  const { charOrder = 6, wordOrder = 0 } = options;
  const [predicted, expected] = [prediction, reference].map((text) =>
    options.lowercase === true ? text.toLowerCase() : text,
  ) as [string, string];
  const characters = (text: string) =>
    Array.from(options.whitespace === true ? text : text.replace(/\s+/g, ""));
  return [
    ...countsByOrder(characters(predicted), characters(expected), charOrder),
    ...(wordOrder === 0 ? [] : countsByOrder(chrfWords(predicted), chrfWords(expected), wordOrder)),
  ];
}

function countsByOrder(
  prediction: readonly string[],
  reference: readonly string[],
  maxOrder: number,
): OrderCounts[] {
  const vocabulary = new Vocabulary();
  const expected = vocabulary.encode(reference);
  const predicted = vocabulary.encode(prediction);
  return ngramMatches(predicted, [expected], maxOrder, vocabulary.size).map((matched, index) => {
    const inReference = ngramCount(expected.length, index + 1);
    // Orders that the reference is too short for are not held against the prediction.
    const inPrediction = inReference === 0 ? 0 : ngramCount(predicted.length, index + 1);
    return { predicted: inPrediction, expected: inReference, matched };
  });
}

/** Words with one punctuation mark split off: the last character's, else the first's. */
function chrfWords(text: string): string[] {
  const mark = /[!-/:-@[-`{-~]/;
  return (text.match(/\S+/g) ?? []).flatMap((word) => {
    const characters = Array.from(word);
    if (characters.length === 1) return [word];
    if (mark.test(word.slice(-1))) return [word.slice(0, -1), word.slice(-1)];
    return mark.test(word.slice(0, 1)) ? [word.slice(0, 1), word.slice(1)] : [word];
  });
}

function chrfOfCounts(counts: readonly OrderCounts[], options: ChrfOptions): number {
  const weight = (options.beta ?? 2) ** 2;
  const fScore = (precision: number, recall: number) =>
    precision + recall === 0
      ? 0
      : ((1 + weight) * precision * recall) / (weight * precision + recall);
  const usable = counts.filter(({ predicted, expected }) => predicted > 0 && expected > 0);
  const precisions = usable.map(({ matched, predicted }) => matched / predicted);
  const recalls = usable.map(({ matched, expected }) => matched / expected);
  if (options.epsSmoothing === true) {
    const scores = precisions.map((precision, index) => fScore(precision, recalls[index] ?? 0));
    return (100 * sum(scores)) / counts.length;
  }
  const orders = Math.max(1, usable.length);
  return 100 * fScore(sum(precisions) / orders, sum(recalls) / orders);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
