import type { Interval } from "../core/aggregation.ts";
import { expectSameLength, expectThat, expectUnitValues } from "./expect-that.ts";
import { DEFAULT_LEVEL, upperProbability } from "./level.ts";
import type { Values } from "./mean.ts";
import { predictableBets } from "./predictable-bets.ts";

/** Share of what may be bet at most without risking ruin. */
const CAUTION = 0.5;

/**
 * Betting interval for the mean of values in [0, 1] whose number was fixed ahead: a theorem at every n, and
 * tighter than Hoeffding's or the empirical Bernstein. What gates with `guarantee: "exact"` use.
 *
 * A gambler bets against each mean m; the interval is where neither has multiplied the stake by 2/α:
 * K⁺(m) = Π(1 + λ_i(X_i − m)), λ_i cut to ½/m, and K⁻(m) = Π(1 − λ_i(X_i − m)), λ_i cut to ½/(1 − m).
 *
 * With weights the mean is Σwx/Σw, as of documents by their rows, and a gain counts by its weight over the
 * largest: 1 + λ_i·w_i/w_max·(X_i − m). Holds as long as nothing outside weighs more than the largest here.
 *
 * @param values - In an order that has nothing to do with values or weights, and on which the result depends.
 * @param weights - Above 0, one for each value; default all the same.
 * @returns Undefined for no values.
 * @see Waudby-Smith and Ramdas (2024), JRSS-B 86:1–27, §4 and Remark 3.
 */
export function bettingInterval(
  values: Values,
  level = DEFAULT_LEVEL,
  weights?: Values,
): Interval | undefined {
  const shares = weights && sharesOf(values, weights);
  return betweenWealths(values, level, { isSequence: false, isRunning: false, shares });
}

/** Of the largest weight, in (0, 1]. */
function sharesOf(values: Values, weights: Values): Float64Array {
  expectSameLength(values, weights);
  const all = Float64Array.from(weights);
  const largest = all.reduce((most, weight) => Math.max(most, weight), 0);
  const areSound = Number.isFinite(largest) && all.every((weight) => weight > 0);
  expectThat(areSound, "Expected weights above 0");
  return all.map((weight) => weight / largest);
}

/** {@link bettingInterval} where the best wealth on the way counts, which is as valid and seldom wider. */
export function runningBettingInterval(
  values: Values,
  level = DEFAULT_LEVEL,
): Interval | undefined {
  return betweenWealths(values, level, { isSequence: false, isRunning: true });
}

/** The hedged confidence sequence: holds at all numbers of values at once, so that one may look after each. */
export function bettingSequence(values: Values, level = DEFAULT_LEVEL): Interval | undefined {
  return betweenWealths(values, level, { isSequence: true, isRunning: true });
}

interface Mode {
  /** Bets are laid out to be looked at any time. */
  readonly isSequence: boolean;
  /** The largest wealth on the way counts, else the last. */
  readonly isRunning: boolean;
  /** What each value weighs, in (0, 1]; absent where all count the same. */
  readonly shares?: Float64Array | undefined;
}

function betweenWealths(
  values: Values,
  level: number,
  { isSequence, isRunning, shares }: Mode,
): Interval | undefined {
  expectUnitValues(values);
  const alpha = 1 - upperProbability(level);
  if (values.length === 0) return undefined;
  const plain = predictableBets(values, {
    alpha,
    ...(!isSequence && { fixedN: values.length }),
  });
  const bets = shares === undefined ? plain : raised(plain, shares);
  const wanted = Math.log(1 / alpha);
  const mirrored = Float64Array.from(values, (value) => 1 - value);
  const lowerOf = (side: Values) =>
    bisect((m) => logWealth(side, bets, m, isRunning, shares) >= wanted);
  return { lower: lowerOf(values), upper: 1 - lowerOf(mirrored), level, method: "betting" };
}

/** Bets on values that weigh little are larger by the root mean square of the weights before them. */
function raised(bets: Float64Array, shares: Float64Array): Float64Array {
  let squares = 1;
  return bets.map((bet, i) => {
    const larger = bet / Math.sqrt(squares / (i + 1));
    squares += (shares[i] as number) ** 2;
    return larger;
  });
}

/** The largest m that is ruled out from below; wealth against it falls with m. */
function bisect(isRuledOut: (m: number) => boolean): number {
  let [low, high] = [0, 1];
  if (!isRuledOut(Number.EPSILON)) return 0;
  for (let step = 0; step < 50; step += 1) {
    const middle = (low + high) / 2;
    if (isRuledOut(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** ln K⁺(m), after all values or at its largest. */
export function logWealth(
  values: Values,
  bets: Values,
  m: number,
  isRunning = false,
  shares?: Values,
): number {
  const most = CAUTION / m;
  let [wealth, best] = [0, 0];
  for (let i = 0; i < values.length; i += 1) {
    const gain = (shares?.[i] ?? 1) * ((values[i] as number) - m);
    wealth += Math.log1p(Math.min(bets[i] as number, most) * gain);
    if (wealth > best) best = wealth;
  }
  return isRunning ? best : wealth;
}
