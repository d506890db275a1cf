import { AssayError, isPlainObject } from "../core/index.ts";
import { closestNames } from "./closest-names.ts";

/**
 * What a metric has to reach, as MLflow's `MetricThreshold`: an absolute bound, and how much better than the
 * baseline. All that are given have to be met.
 */
export interface MetricThreshold {
  /** Inclusive: at least this, or at most, where smaller is better. */
  readonly threshold?: number;
  /** Inclusive, above 0: how much better than the baseline's value, in its own unit. */
  readonly minAbsoluteChange?: number;
  /** Inclusive, in [0, 1]: how much better than the baseline's value, as a share of its size. */
  readonly minRelativeChange?: number;
  readonly greaterIsBetter: boolean;
}

/** Metrics by key, as `result` of an evaluation has them. */
export interface ValidatedResult {
  readonly metrics: { readonly [key: string]: number };
}

/** A metric that was not good enough, and why. */
export interface ValidationFailure {
  readonly metric: string;
  readonly reasons: readonly string[];
}

/** MLflow's: the least change that counts where the baseline is 0 and has no share. */
const LEAST_CHANGE = 1e-10;

/**
 * Validates a candidate against thresholds, and against a baseline where thresholds speak of changes, as
 * MLflow's `validate_evaluation_results`, without its bugs: a baseline without the metric is told as such;
 * shares are taken of the baseline's size, so that a negative one does not turn the demand round; NaN meets
 * nothing; a relative change of 0 is a demand like any other.
 *
 * @throws {AssayError} `invalid-argument` with a line for each metric that was not good enough; also for
 *   thresholds that cannot be.
 */
export function validateEvaluationResults(
  validationThresholds: { readonly [metric: string]: MetricThreshold },
  candidateResult: ValidatedResult,
  baselineResult?: ValidatedResult,
): void {
  const failures = findValidationFailures(validationThresholds, candidateResult, baselineResult);
  if (failures.length === 0) return;
  const lines = failures.map(({ reasons }) => reasons.join("; "));
  throw new AssayError("invalid-argument", lines.join("\n"));
}

/** What {@link validateEvaluationResults} would throw, as a list; empty where all was met. */
export function findValidationFailures(
  validationThresholds: { readonly [metric: string]: MetricThreshold },
  candidateResult: ValidatedResult,
  baselineResult?: ValidatedResult,
): ValidationFailure[] {
  const candidate = metricsOf(candidateResult, "candidate");
  const baseline = baselineResult && metricsOf(baselineResult, "baseline");
  if (!isPlainObject(validationThresholds)) {
    throw new AssayError(
      "invalid-argument",
      "Expected thresholds by metric, e.g. { exact_match: { threshold: 0.8, greaterIsBetter: true } }",
    );
  }
  return Object.entries(validationThresholds).flatMap(([metric, threshold]) => {
    check(metric, threshold);
    const value = numberIn(candidate, metric);
    const was = baseline && numberIn(baseline, metric);
    const reasons = reasonsOf(metric, threshold, value, was);
    return reasons.length > 0 ? [{ metric, reasons }] : [];
  });
}

function metricsOf(result: ValidatedResult, side: string): ValidatedResult["metrics"] {
  if (isPlainObject(result) && isPlainObject(result.metrics)) return result.metrics;
  throw new AssayError("invalid-argument", `Expected the ${side} to be { metrics: { … } }`);
}

/** What is no number is as good as missing: NaN, so that nothing is met by it. */
function numberIn(metrics: ValidatedResult["metrics"], metric: string): number | undefined {
  if (!Object.hasOwn(metrics, metric)) return undefined;
  const value: unknown = metrics[metric];
  return typeof value === "number" && Number.isFinite(value) ? value : Number.NaN;
}

const FIELDS = ["threshold", "minAbsoluteChange", "minRelativeChange", "greaterIsBetter"];

function check(metric: string, given: MetricThreshold): void {
  const wrong = (problem: string) =>
    new AssayError("invalid-argument", `Threshold of ${metric}: ${problem}`);
  if (!isPlainObject(given))
    throw wrong("expected an object, e.g. { threshold: 0.8, greaterIsBetter: true }");
  const unknown = Object.keys(given).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) {
    const [close] = closestNames(unknown, FIELDS);
    const advice =
      close === undefined ? `There are ${FIELDS.join(", ")}` : `Did you mean ${close}?`;
    throw wrong(`expected no field ${unknown}. ${advice}`);
  }
  checkBounds(given, wrong);
}

function checkBounds(
  { threshold, minAbsoluteChange, minRelativeChange, greaterIsBetter }: MetricThreshold,
  wrong: (problem: string) => AssayError,
): void {
  if (typeof greaterIsBetter !== "boolean") {
    throw wrong("expected greaterIsBetter to be true or false");
  }
  const given = { threshold, minAbsoluteChange, minRelativeChange };
  const bounds = Object.values(given).filter((bound) => bound !== undefined);
  if (bounds.length === 0) throw wrong(`expected one of ${Object.keys(given).join(", ")}`);
  const odd = bounds.find((bound) => !Number.isFinite(bound));
  if (odd !== undefined) throw wrong(`expected numbers, got ${String(odd)}`);
  if (minAbsoluteChange !== undefined && minAbsoluteChange <= 0) {
    throw wrong(`expected minAbsoluteChange above 0, got ${minAbsoluteChange}`);
  }
  if (minRelativeChange !== undefined && !(minRelativeChange >= 0 && minRelativeChange <= 1)) {
    throw wrong(`expected minRelativeChange in [0, 1], got ${minRelativeChange}`);
  }
}

function reasonsOf(
  metric: string,
  { threshold, minAbsoluteChange, minRelativeChange, greaterIsBetter }: MetricThreshold,
  value: number | undefined,
  was: number | undefined,
): string[] {
  if (value === undefined) return [`${metric} is missing in the candidate`];
  if (Number.isNaN(value)) return [`${metric} is no finite number in the candidate`];
  const reasons: string[] = [];
  const [side, more] = greaterIsBetter ? ["at least", "more"] : ["at most", "less"];
  if (threshold !== undefined && !(greaterIsBetter ? value >= threshold : value <= threshold)) {
    reasons.push(`${metric} is ${value}, and has to be ${side} ${threshold}`);
  }
  if (minAbsoluteChange === undefined && minRelativeChange === undefined) return reasons;
  if (Number.isNaN(was)) return [...reasons, `${metric} is no finite number in the baseline`];
  if (was === undefined) return [...reasons, `${metric} is missing in the baseline`];
  const gain = greaterIsBetter ? value - was : was - value;
  // Decimals differ in the last place: 0.8 − 0.7 is not quite 0.1.
  const slack = 1e-12 * Math.max(Math.abs(value), Math.abs(was));
  const demand = (least: number, text: string) => {
    if (gain >= least - slack) return;
    reasons.push(`${metric} is ${value}, and has to be ${text} ${more} than the baseline's ${was}`);
  };
  if (minAbsoluteChange !== undefined) demand(minAbsoluteChange, String(minAbsoluteChange));
  if (minRelativeChange !== undefined) {
    const least = was === 0 ? LEAST_CHANGE : minRelativeChange * Math.abs(was);
    demand(least, was === 0 ? "something" : `${Number((100 * minRelativeChange).toFixed(6))} %`);
  }
  return reasons;
}
