import type { Values } from "./mean.ts";

/** Until when the bets are to have told. */
export interface BetSchedule {
  /** Error of one side, in (0, 1): half of that of a two-sided interval. */
  readonly alpha: number;
  /** Largest bet; absent for none, where it is cut elsewhere. */
  readonly cap?: number;
  /** Number of values where it is fixed ahead; absent for a sequence that may be looked at any time. */
  readonly fixedN?: number;
}

/**
 * The predictable plug-in bets of Waudby-Smith and Ramdas for values in [0, 1]:
 * λ_t = min(cap, √(2·ln(1/α) / (σ̂²_{t−1} · t·ln(1 + t)))), with n for t·ln(1 + t) where n is fixed;
 * µ̂_t = (½ + ΣX)/(t + 1), σ̂²_t = (¼ + Σ_{i≤t}(X_i − µ̂_i)²)/(t + 1).
 *
 * @see Waudby-Smith and Ramdas (2024), JRSS-B 86:1–27, eq. 15 and Theorem 2.
 */
export function predictableBets(values: Values, { alpha, cap, fixedN }: BetSchedule): Float64Array {
  const bets = new Float64Array(values.length);
  let [sum, squares] = [0.5, 0.25];
  for (let i = 0; i < values.length; i += 1) {
    const t = i + 1;
    const horizon = fixedN ?? t * Math.log1p(t);
    const bet = Math.sqrt((2 * Math.log(1 / alpha)) / ((squares / t) * horizon));
    bets[i] = cap === undefined ? bet : Math.min(cap, bet);
    const value = values[i] as number;
    sum += value;
    squares += (value - sum / (t + 1)) ** 2;
  }
  return bets;
}
