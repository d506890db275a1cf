/**
 * How well scores rank positives before negatives.
 *
 * @param scores - Higher for more positive.
 * @param isPositive - Beside each score.
 */
export interface Ranking {
  readonly scores: ArrayLike<number>;
  readonly isPositive: (index: number) => boolean;
}

export interface RankingQuality {
  /** The probability that a positive scores higher than a negative, ties counted half. */
  readonly rocAuc: number;
  /** The mean of the precisions at each positive, ties taken together. */
  readonly averagePrecision: number;
}

/**
 * Area under the ROC curve and average precision.
 *
 * @returns Undefined where all are positive or none is: there is no order to judge.
 * @see scikit-learn's `roc_auc_score` and `average_precision_score`, whose values these are.
 */
export function rankingQuality({ scores, isPositive }: Ranking): RankingQuality | undefined {
  const order = Uint32Array.from({ length: scores.length }, (_, index) => index).sort(
    (a, b) => (scores[b] as number) - (scores[a] as number),
  );
  let positives = 0;
  let negatives = 0;
  /** Pairs of a positive and a negative in the right order, twice. */
  let ordered = 0;
  let precisionSum = 0;
  for (let start = 0; start < order.length; ) {
    const score = scores[order[start] as number];
    let positivesHere = 0;
    let end = start;
    for (; end < order.length && scores[order[end] as number] === score; end += 1) {
      if (isPositive(order[end] as number)) positivesHere += 1;
    }
    const negativesHere = end - start - positivesHere;
    ordered += negativesHere * (2 * positives + positivesHere);
    positives += positivesHere;
    negatives += negativesHere;
    precisionSum += positivesHere * (positives / end);
    start = end;
  }
  if (positives === 0 || negatives === 0) return undefined;
  return {
    rocAuc: ordered / (2 * positives * negatives),
    averagePrecision: precisionSum / positives,
  };
}
