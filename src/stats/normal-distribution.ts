/**
 * The standard normal's distribution function Φ(z), to about 1e-14 absolute; small tails keep their
 * relative precision.
 *
 * @see NIST DLMF §7.6 (series) and §7.9 (continued fraction).
 */
export function normalDistribution(z: number): number {
  if (Number.isNaN(z)) return Number.NaN;
  const x = Math.abs(z);
  const upperTail = x < 3 ? 0.5 - centralHalf(x) : tail(x);
  return z < 0 ? upperTail : 1 - upperTail;
}

function density(x: number): number {
  return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
}

/** Φ(x) − ½ = φ(x)·(x + x³/3 + x⁵/15 + …). */
function centralHalf(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 1; k < 200 && Math.abs(term) > 1e-17 * sum; k += 1) {
    term *= (x * x) / (2 * k + 1);
    sum += term;
  }
  return sum * density(x);
}

/** 1 − Φ(x) = φ(x) / (x + 1/(x + 2/(x + …))), from the inside out. */
function tail(x: number): number {
  let fraction = x;
  for (let k = 200; k >= 1; k -= 1) fraction = x + k / fraction;
  return density(x) / fraction;
}
