import { AssayError } from "../core/errors.ts";

/**
 * The probability that at least one of k trials passes, estimated without bias from n of which c did:
 * 1 − C(n − c, k) / C(n, k).
 *
 * @param k - In [1, n].
 * @see Chen et al. (2021), Evaluating Large Language Models Trained on Code, arXiv:2107.03374, eq. 1.
 */
export function passAtK(n: number, c: number, k: number): number {
  check(n, c, k);
  // The quotient of binomials as a product, whose factors stay in [0, 1].
  let noneOfK = 1;
  for (let i = n - c + 1; i <= n; i++) noneOfK *= Math.max(0, 1 - k / i);
  return n - c < k ? 1 : 1 - noneOfK;
}

/**
 * The probability that all of k trials pass ("pass^k"), estimated without bias from n of which c did:
 * C(c, k) / C(n, k).
 *
 * @param k - In [1, n].
 * @see Yao et al. (2024), τ-bench, arXiv:2406.12045, §3.
 */
export function passHatK(n: number, c: number, k: number): number {
  check(n, c, k);
  let allOfK = 1;
  for (let i = 0; i < k; i++) allOfK *= Math.max(0, c - i) / (n - i);
  return allOfK;
}

function check(n: number, c: number, k: number): void {
  if ([n, c, k].every(Number.isInteger) && k >= 1 && k <= n && c >= 0 && c <= n) return;
  throw new AssayError(
    "invalid-argument",
    `Expected integers with 1 ≤ k ≤ n and 0 ≤ c ≤ n, got n = ${n}, c = ${c}, k = ${k}`,
  );
}
