import type { Interval } from "../core/aggregation.ts";
import { expectUnitValues } from "./expect-that.ts";
import { DEFAULT_LEVEL, upperProbability } from "./level.ts";
import type { Values } from "./mean.ts";

/** Share of what may be bet at most without risking ruin. */
const CAUTION = 0.99;

/** Means that are tried; the set of those not ruled out need not be an interval. */
const GRID = 10_000;

/**
 * Interval for the mean of values in [0, 1] by bets that aim at what is still missing:
 * λ_t = √(2·ln(1/(δ·W_{t−1})) / ((n − t + 1)·σ̂²_{t−1})), cut to 0.99/m, until the wealth W is 1/δ, δ = α/2.
 * Narrower than {@link bettingInterval}; the paper's step for means between those that are tried is left
 * out, so gates do not call it exact.
 *
 * @returns Undefined for no values.
 * @see Voráček and Orabona (2025), STaR-Bets, arXiv:2505.22422.
 */
export function starBetsInterval(values: Values, level = DEFAULT_LEVEL): Interval | undefined {
  expectUnitValues(values);
  const delta = 1 - upperProbability(level);
  if (values.length === 0) return undefined;
  const mirrored = Float64Array.from(values, (value) => 1 - value);
  return {
    lower: lowerEnd(values, delta),
    upper: 1 - lowerEnd(mirrored, delta),
    level,
    method: "betting",
  };
}

function lowerEnd(values: Values, delta: number): number {
  let place = 1;
  while (place < GRID && isRuledOut(values, place / GRID, delta)) place += 1;
  return place === 1 ? 0 : place / GRID;
}

function isRuledOut(values: Values, m: number, delta: number): boolean {
  const wanted = Math.log(1 / delta);
  const n = values.length;
  let [wealth, sum, squares] = [0, 0.5, 0.25];
  for (let i = 0; i < n && wealth < wanted; i += 1) {
    const value = values[i] as number;
    const bet = Math.sqrt((2 * (wanted - wealth)) / ((n - i) * (squares / (i + 1))));
    wealth += Math.log1p(Math.min(bet, CAUTION / m) * (value - m));
    sum += value;
    squares += (value - sum / (i + 2)) ** 2;
  }
  return wealth >= wanted;
}
