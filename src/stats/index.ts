export { aggregate } from "./aggregate.ts";
export { mean, populationVariance, type Values } from "./mean.ts";
export { plusTwoTInterval, tInterval } from "./mean-interval.ts";
export {
  addToMoments,
  type Moments,
  mergeMoments,
  momentsOf,
  NO_MOMENTS,
  sampleVariance,
} from "./moments.ts";
export { normalQuantile } from "./normal-quantile.ts";
export { passAtK, passHatK } from "./pass-at-k.ts";
export { median, quantile, quantileOfSorted } from "./quantile.ts";
export { quantileInterval } from "./quantile-interval.ts";
export { studentTQuantile } from "./student-t-quantile.ts";
export { wilsonInterval } from "./wilson-interval.ts";
