import type { Interval } from "../core/aggregation.ts";
import { expectUnitValues } from "./expect-that.ts";
import { DEFAULT_LEVEL, upperProbability } from "./level.ts";
import type { Values } from "./mean.ts";
import { type BetSchedule, predictableBets } from "./predictable-bets.ts";

const LARGEST_BET = 0.5;

/**
 * Empirical Bernstein interval for the mean of values in [0, 1] whose number was fixed ahead: holds whatever
 * the distribution, without asymptotics. Not clipped to [0, 1].
 *
 * lower = (Σλ_iX_i − ln(1/α') − Σ(X_i − m̂_{i−1})²·ψ(λ_i)) / Σλ_i, ψ(λ) = −ln(1 − λ) − λ, α' = α/2; upper by
 * X → 1 − X.
 *
 * @param values - In the order in which they were drawn, on which the result depends.
 * @returns Undefined for no values.
 * @see Waudby-Smith and Ramdas (2024), JRSS-B 86:1–27, Theorem 2 and Remark 1.
 */
export function empiricalBernsteinInterval(
  values: Values,
  level = DEFAULT_LEVEL,
): Interval | undefined {
  expectUnitValues(values);
  const alpha = 1 - upperProbability(level);
  const schedule = { alpha, cap: LARGEST_BET, fixedN: values.length };
  const [lower, upper] = bothSides(values, schedule, (bounds) => bounds.at(-1));
  if (lower === undefined || upper === undefined) return undefined;
  return { lower, upper: 1 - upper, level, method: "empirical-bernstein" };
}

/**
 * The same as a confidence sequence: it holds at all numbers of values at once, so that one may look after
 * each. Clipped to [0, 1].
 *
 * @param isRunning - The intersection of the intervals at all smaller numbers of values.
 */
export function empiricalBernsteinSequence(
  values: Values,
  level = DEFAULT_LEVEL,
  isRunning = false,
): Interval | undefined {
  expectUnitValues(values);
  const alpha = 1 - upperProbability(level);
  const pick = (bounds: Float64Array) =>
    isRunning ? bounds.reduce((a, b) => Math.max(a, b), 0) : bounds.at(-1);
  const [lower, upper] = bothSides(values, { alpha, cap: LARGEST_BET }, pick);
  if (values.length === 0 || lower === undefined || upper === undefined) return undefined;
  return {
    lower: Math.max(0, lower),
    upper: Math.min(1, 1 - upper),
    level,
    method: "empirical-bernstein",
  };
}

function bothSides<T>(values: Values, schedule: BetSchedule, pick: (bounds: Float64Array) => T) {
  const mirrored = Float64Array.from(values, (value) => 1 - value);
  return [lowerBounds(values, schedule), lowerBounds(mirrored, schedule)].map(pick);
}

function lowerBounds(values: Values, schedule: BetSchedule): Float64Array {
  const bets = predictableBets(values, schedule);
  const bounds = new Float64Array(values.length);
  const wanted = Math.log(1 / schedule.alpha);
  let [weighted, penalty, total, sum] = [0, 0, 0, 0];
  for (let i = 0; i < values.length; i += 1) {
    const [value, bet] = [values[i] as number, bets[i] as number];
    const meanBefore = i === 0 ? 0 : sum / i;
    weighted += bet * value;
    penalty += (value - meanBefore) ** 2 * (-Math.log1p(-bet) - bet);
    total += bet;
    sum += value;
    bounds[i] = (weighted - wanted - penalty) / total;
  }
  return bounds;
}
