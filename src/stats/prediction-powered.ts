import type { Interval } from "../core/aggregation.ts";
import { expectSameLength, expectThat } from "./expect-that.ts";
import { DEFAULT_LEVEL, upperProbability } from "./level.ts";
import { mean, populationVariance, type Values } from "./mean.ts";
import { momentsOf, sampleVariance } from "./moments.ts";
import { normalQuantile } from "./normal-quantile.ts";
import { studentTQuantile } from "./student-t-quantile.ts";

/** A few human labels, the judge's scores of the same rows, and of rows that only it scored. */
export interface LabelledSample {
  readonly labels: Values;
  /** In the order of `labels`. */
  readonly judge: Values;
  readonly unlabelled: Values;
}

/** The mean that people would have given. */
export interface PredictionPowered {
  readonly mean: number;
  readonly standardError: number;
  readonly interval: Interval;
  /** How much the judge is trusted, in [0, 1]: 0 leaves the human labels alone. */
  readonly lambda: number;
  /** Of the labels alone, for comparison. */
  readonly human: { readonly mean: number; readonly standardError: number };
  /** What the judge says by itself, which no interval makes right. */
  readonly judge: number;
}

/** How a prediction-powered mean is computed. */
export interface PredictionPoweredOptions {
  readonly level?: number;
  /** 1 is plain PPI; default: the one with the smallest variance. */
  readonly lambda?: number;
  /** Default: Student's t with n − 1 degrees for fewer than 50 labels, else the normal. */
  readonly quantile?: "t" | "normal";
}

/** Fewer labels than this get Student's t. */
const FEW = 50;

/**
 * PPI++: the human mean, made narrower by what a judge says of rows without labels:
 * θ = λ·mean(f_U) + mean(Y − λf_L), Var = λ²·Var(f_U)/N + Var(Y − λf_L)/n,
 * λ = Cov(Y, f_L)/((1 + n/N)·Var(f)) clipped to [0, 1]. Never much worse than the labels alone.
 *
 * Denominators as in ppi_py: covariance and both variances n, pooled Var(f) n − 1. The labels must not have
 * served to tune the judge.
 *
 * @throws {AssayError} `invalid-argument` for fewer than two labels, or no unlabelled row.
 * @see Angelopoulos, Duchi and Zrnic (2023), PPI++, arXiv:2311.01453, §6.
 */
export function predictionPoweredMean(
  { labels, judge, unlabelled }: LabelledSample,
  { level = DEFAULT_LEVEL, lambda, quantile }: PredictionPoweredOptions = {},
): PredictionPowered {
  expectSameLength(labels, judge);
  const [n, rest] = [labels.length, unlabelled.length];
  expectThat(n >= 2, `Expected at least two labels, got ${n}`);
  expectThat(rest >= 1, "Expected at least one row that only the judge scored");
  const trust = lambda ?? bestLambda({ labels, judge, unlabelled });
  const corrections = Float64Array.from(labels, (label, i) => label - trust * (judge[i] as number));
  const estimate = trust * averageOf(unlabelled) + averageOf(corrections);
  const variance = (trust ** 2 * varianceOf(unlabelled)) / rest + varianceOf(corrections) / n;
  const standardError = Math.sqrt(variance);
  const probability = upperProbability(level);
  const isT = (quantile ?? (n < FEW ? "t" : "normal")) === "t";
  const half =
    (isT ? studentTQuantile(probability, n - 1) : normalQuantile(probability)) * standardError;
  return {
    mean: estimate,
    standardError,
    interval: {
      lower: estimate - half,
      upper: estimate + half,
      level,
      method: "prediction-powered",
    },
    lambda: trust,
    human: { mean: averageOf(labels), standardError: Math.sqrt(varianceOf(labels) / n) },
    judge: averageOf([...judge, ...unlabelled]),
  };
}

/**
 * Human labels that an interval of the wanted half width needs, with the judge scoring the other rows of
 * `total`: the smallest n with z·√(λ²Var(f)/(total − n) + Var(Y − λf)/n) ≤ halfWidth, λ the best for each n.
 *
 * @param pilot - Labels so far, to learn how well the judge goes with them.
 * @param total - Rows in all; labels and unlabelled rows share them.
 * @returns `undefined` where labelling every row would not do either.
 */
export function labelsNeeded(
  pilot: Pick<LabelledSample, "labels" | "judge">,
  halfWidth: number,
  total: number,
  level = DEFAULT_LEVEL,
): number | undefined {
  expectThat(halfWidth > 0, `Expected a half width above 0, got ${halfWidth}`);
  const z = normalQuantile(upperProbability(level));
  const [varY, varF] = [varianceOf(pilot.labels), varianceOf(pilot.judge)];
  const covariance = covarianceOf(pilot.labels, pilot.judge);
  const isEnough = (n: number) => {
    const rest = total - n;
    // All labelled: the mean of these rows is known, and only another draw of rows would differ.
    if (rest <= 0) return z * Math.sqrt(varY / n) <= halfWidth;
    const lambda = varF === 0 ? 0 : clip(covariance / ((1 + n / rest) * varF));
    const corrected = varY - 2 * lambda * covariance + lambda ** 2 * varF;
    return z * Math.sqrt((lambda ** 2 * varF) / rest + corrected / n) <= halfWidth;
  };
  if (!isEnough(total)) return undefined;
  let [low, high] = [2, total];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function bestLambda({ labels, judge, unlabelled }: LabelledSample): number {
  const pooled = sampleVariance(momentsOf([...judge, ...unlabelled])) ?? 0;
  if (pooled === 0) return 0;
  const ratio = 1 + labels.length / unlabelled.length;
  return clip(covarianceOf(labels, judge) / (ratio * pooled));
}

function covarianceOf(x: Values, y: Values): number {
  const [meanX, meanY] = [averageOf(x), averageOf(y)];
  return averageOf(Array.from(x, (value, i) => (value - meanX) * ((y[i] as number) - meanY)));
}

const clip = (value: number) => Math.min(1, Math.max(0, value));
const averageOf = (values: Values) => mean(values) ?? 0;
const varianceOf = (values: Values) => populationVariance(values) ?? 0;
