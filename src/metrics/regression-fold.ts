import type { CorpusFold, CorpusResult, CorpusSample } from "../core/corpus.ts";
import { isPlainObject, type JsonValue } from "../core/json.ts";
import { readNumber } from "./read-number.ts";

/** A number, a text that is one, or `{ prediction }`; undefined for anything else. */
export function predictedNumber(outputs: JsonValue): number | undefined {
  if (!isPlainObject(outputs)) return readNumber(outputs);
  return readNumber((outputs.prediction ?? outputs.value) as JsonValue | undefined);
}

/** Relative to the target; as in scikit-learn, a target of 0 stands for the smallest step from 1. */
export function percentageError(prediction: number, target: number): number {
  return Math.abs(prediction - target) / Math.max(Math.abs(target), Number.EPSILON);
}

/** The measures of a regressor in one pass and constant memory. */
export class RegressionFold implements CorpusFold {
  #count = 0;
  #targetSum = 0;
  #targetMean = 0;
  /** Of the targets around their mean; Welford's update, because a difference of large sums would lose it. */
  #targetSquares = 0;
  #squaredErrors = 0;
  #percentageErrors = 0;
  #maxError = 0;

  add({ outputs, expectations }: CorpusSample): void {
    const target = readNumber(expectations.expected_response);
    const prediction = predictedNumber(outputs);
    if (target === undefined || prediction === undefined) return;
    const error = Math.abs(prediction - target);
    this.#count += 1;
    this.#targetSum += target;
    const fromOldMean = target - this.#targetMean;
    this.#targetMean += fromOldMean / this.#count;
    this.#targetSquares += fromOldMean * (target - this.#targetMean);
    this.#squaredErrors += error * error;
    this.#percentageErrors += percentageError(prediction, target);
    this.#maxError = Math.max(this.#maxError, error);
  }

  result(): CorpusResult {
    const count = this.#count;
    if (count === 0) return { metrics: {} };
    const meanSquaredError = this.#squaredErrors / count;
    const r2 = this.#r2();
    return {
      metrics: {
        example_count: count,
        mean_squared_error: meanSquaredError,
        root_mean_squared_error: Math.sqrt(meanSquaredError),
        sum_on_target: this.#targetSum,
        mean_on_target: this.#targetSum / count,
        max_error: this.#maxError,
        mean_absolute_percentage_error: this.#percentageErrors / count,
        ...(r2 !== undefined && { r2_score: r2 }),
      },
      notes: r2 === undefined ? ["r2_score needs at least two rows"] : [],
    };
  }

  /** As in scikit-learn, constant targets give 1 where all predictions are right, else 0. */
  #r2(): number | undefined {
    if (this.#count < 2) return undefined;
    if (this.#targetSquares === 0) return this.#squaredErrors === 0 ? 1 : 0;
    return 1 - this.#squaredErrors / this.#targetSquares;
  }
}
