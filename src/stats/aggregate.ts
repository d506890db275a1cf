import type { AggregationName } from "../core/aggregation.ts";
import { mean, populationVariance } from "./mean.ts";
import { median, quantile } from "./quantile.ts";

/**
 * One of the built-in aggregations, with numpy's definition of it.
 *
 * @returns Undefined for no values: nothing scored has no mean.
 */
export function aggregate(name: AggregationName, values: readonly number[]): number | undefined {
  switch (name) {
    case "mean":
      return mean(values);
    case "variance":
      return populationVariance(values);
    case "p90":
      return quantile(values, 0.9);
    case "min":
      return quantile(values, 0);
    case "max":
      return quantile(values, 1);
    case "median":
      return median(values);
  }
}
