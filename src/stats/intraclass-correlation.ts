import { expectThat } from "./expect-that.ts";
import { mean } from "./mean.ts";

/** Shrout and Fleiss' six intraclass correlations; of one rating, and of the mean of all raters. */
export interface IntraclassCorrelations {
  /** Each item is rated by other raters: ICC(1,1), ICC(1,k). */
  readonly oneWay: readonly [single: number, mean: number];
  /** The same raters, drawn from many: ICC(2,1), ICC(2,k). */
  readonly twoWayRandom: readonly [single: number, mean: number];
  /** These raters and no others: ICC(3,1), ICC(3,k). */
  readonly twoWayMixed: readonly [single: number, mean: number];
}

/**
 * Intraclass correlations from the mean squares between items, within items, between raters and the rest.
 *
 * @param ratings - One list per item, a rating of each of k ≥ 2 raters; at least 2 items.
 * @throws {AssayError} `invalid-argument` for fewer, or lists of different lengths.
 * @see Shrout and Fleiss (1979), Psychol. Bull. 86:420–428.
 */
export function intraclassCorrelations(
  ratings: readonly (readonly number[])[],
): IntraclassCorrelations {
  const n = ratings.length;
  const k = ratings[0]?.length ?? 0;
  expectThat(
    n >= 2 && k >= 2 && ratings.every((item) => item.length === k),
    "Expected at least two items, each with one rating of each of two or more raters",
  );
  const grand = mean(ratings.flat()) as number;
  const squares = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + (value - grand) ** 2, 0);
  const items = k * squares(ratings.map((item) => mean(item) as number));
  const raters =
    n *
    squares(
      Array.from({ length: k }, (_, j) => mean(ratings.map((item) => item[j] as number)) as number),
    );
  const total = squares(ratings.flat());
  const bms = items / (n - 1);
  const wms = (total - items) / (n * (k - 1));
  const jms = raters / (k - 1);
  const ems = (total - items - raters) / ((n - 1) * (k - 1));
  return {
    oneWay: [(bms - wms) / (bms + (k - 1) * wms), (bms - wms) / bms],
    twoWayRandom: [
      (bms - ems) / (bms + (k - 1) * ems + (k * (jms - ems)) / n),
      (bms - ems) / (bms + (jms - ems) / n),
    ],
    twoWayMixed: [(bms - ems) / (bms + (k - 1) * ems), (bms - ems) / bms],
  };
}
