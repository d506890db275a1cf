import type { AggregationName } from "../core/aggregation.ts";
import { mean, populationVariance, type Values } from "./mean.ts";
import { quantileOfSorted } from "./quantile.ts";

/**
 * One of the built-in aggregations, with numpy's definition of it.
 *
 * @param sorted - The values in ascending order, for who has them already.
 * @returns Undefined for no values: nothing scored has no mean.
 */
export function aggregate(
  name: AggregationName,
  values: Values,
  sorted: () => Float64Array = () => Float64Array.from(values).sort(),
): number | undefined {
  switch (name) {
    case "mean":
      return mean(values);
    case "variance":
      return populationVariance(values);
    case "p90":
      return quantileOfSorted(sorted(), 0.9);
    case "min":
      return quantileOfSorted(sorted(), 0);
    case "max":
      return quantileOfSorted(sorted(), 1);
    case "median":
      return quantileOfSorted(sorted(), 0.5);
  }
}
