import { expectFraction, expectThat } from "./expect-that.ts";

/** How many fractions of the largest bet are played side by side. */
const BETS = 10;

/** What a test of a finite mean sets out to do. */
export interface SequentialTestOptions {
  /** How many values there are in all. */
  readonly n: number;
  /** In (low, high): is the mean of all n at least this? */
  readonly threshold: number;
  /** Lowest and highest possible value. */
  readonly scale: readonly [low: number, high: number];
  /** Probability of a wrong pass; default 0.05. */
  readonly alphaPass?: number;
  /** Probability of a wrong fail; default 0.05. */
  readonly alphaFail?: number;
  /** Whether the mean has to be above the threshold, not only at it. */
  readonly isStrict?: boolean;
}

/** What is certain, and how. */
export interface SequentialVerdict {
  readonly verdict: "pass" | "fail";
  /** `logic`: whatever the rest is; `evidence`: with the error that was allowed. */
  readonly by: "logic" | "evidence";
  /** After so many values. */
  readonly at: number;
}

/**
 * Says as early as it can whether the mean of a finite set of bounded values is at least a threshold, when
 * they are looked at one by one in random order. It may be asked after each value, without a price.
 *
 * Two sums of bets, D = 10 of them at γ_k = k/(D + 1): K⁺_t = (1/D)·Σ_k Π_{i≤t}(1 + γ_k(X_i/µ_i − 1)) and
 * K⁻_t with 1 − X and 1 − µ, where µ_t = (Nτ − S_{t−1})/(N − t + 1) is the mean of what is left if the mean
 * of all is τ. Each is a nonnegative supermartingale under its null, and of the nulls only one can hold, so
 * each side has its whole α (Ville's inequality). Logic comes first: a pass when even the lowest rest cannot
 * change it.
 *
 * @see Waudby-Smith and Ramdas (2024), JRSS-B 86:1–27, §4.5 and §5; the same form in Stark (2023), ALPHA,
 *   Ann. Appl. Stat. 17:641–679.
 */
export class SequentialMeanTest {
  readonly #options: Required<SequentialTestOptions>;
  readonly #up = new Float64Array(BETS);
  readonly #down = new Float64Array(BETS);
  #t = 0;
  /** Sums of what is known at least and at most, as shares of the scale. */
  #least = 0;
  #most = 0;
  #verdict: SequentialVerdict | undefined;

  /** @throws {AssayError} `invalid-argument` for an empty scale or error rates outside (0, 1). */
  constructor(options: SequentialTestOptions) {
    const { alphaPass = 0.05, alphaFail = 0.05, isStrict = false, n, scale } = options;
    expectThat(scale[0] < scale[1], `Expected a scale [low, high], got [${scale.join(", ")}]`);
    expectThat(
      Number.isInteger(n) && n >= 1,
      `Expected \`n\` to be an integer of at least 1, got ${n}`,
    );
    expectFraction("alphaPass", alphaPass);
    expectFraction("alphaFail", alphaFail);
    this.#options = { ...options, alphaPass, alphaFail, isStrict };
    this.#decide();
  }

  /** Values so far. */
  get count(): number {
    return this.#t;
  }

  /** The first thing that became certain; it does not change any more. */
  get verdict(): SequentialVerdict | undefined {
    return this.#verdict;
  }

  /** K⁺: how many times as likely as under a mean below the threshold. */
  get passEvidence(): number {
    return Math.exp(logMean(this.#up));
  }

  /** K⁻: likewise for a mean above it. */
  get failEvidence(): number {
    return Math.exp(logMean(this.#down));
  }

  /** @param value - On the scale; `undefined` for one that is not known, which then helps neither side. */
  add(value: number | undefined): SequentialVerdict | undefined {
    const { n, threshold, scale } = this.#options;
    const [low, high] = scale;
    expectThat(this.#t < n, `Expected ${n} values, got one more`);
    expectThat(
      value === undefined || (value >= low && value <= high),
      `Expected a value in [${low}, ${high}], got ${value}`,
    );
    const least = value === undefined ? 0 : (value - low) / (high - low);
    const most = value === undefined ? 1 : least;
    const wanted = (n * (threshold - low)) / (high - low);
    bet(this.#up, least, (wanted - this.#least) / (n - this.#t));
    bet(this.#down, 1 - most, 1 - (wanted - this.#most) / (n - this.#t));
    this.#t += 1;
    this.#least += least;
    this.#most += most;
    this.#decide();
    return this.#verdict;
  }

  #decide(): void {
    if (this.#verdict !== undefined) return;
    const { n, threshold, scale, alphaPass, alphaFail, isStrict } = this.#options;
    const [low, high] = scale;
    const onScale = (sum: number) => low + (sum / n) * (high - low);
    // Sums of decimals are off by a few units in the last place; a tie has to stay one.
    const slack = 1e-12 * (high - low);
    const holds = (mean: number) =>
      isStrict ? mean > threshold + slack : mean >= threshold - slack;
    const at = this.#t;
    if (holds(onScale(this.#least))) {
      this.#verdict = { verdict: "pass", by: "logic", at };
    } else if (!holds(onScale(this.#most + n - at))) {
      this.#verdict = { verdict: "fail", by: "logic", at };
    } else if (logMean(this.#up) >= -Math.log(alphaPass)) {
      this.#verdict = { verdict: "pass", by: "evidence", at };
    } else if (logMean(this.#down) >= -Math.log(alphaFail)) {
      this.#verdict = { verdict: "fail", by: "evidence", at };
    }
  }
}

/** Adds one value's outcome to the logarithms of the wealths; where `expected` is outside (0, 1), logic decides. */
function bet(logWealths: Float64Array, value: number, expected: number): void {
  if (!(expected > 0 && expected < 1)) return;
  const excess = value / expected - 1;
  for (let k = 0; k < BETS; k += 1) {
    logWealths[k] = (logWealths[k] as number) + Math.log1p(((k + 1) / (BETS + 1)) * excess);
  }
}

/** ln of the mean of the exponentials, without overflow. */
function logMean(logarithms: Float64Array): number {
  const largest = logarithms.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = logarithms.reduce((total, value) => total + Math.exp(value - largest), 0);
  return largest + Math.log(sum / logarithms.length);
}

/**
 * Bounds on the mean of all `n` values, of which some were looked at in random order until one liked:
 * the thresholds that {@link SequentialMeanTest} would have told apart on neither side, each with half of
 * the error.
 *
 * @param values - On the scale, in the order in which they were looked at; `undefined` for unknown ones.
 * @returns Bounds on the scale.
 */
export function finiteMeanInterval(
  values: readonly (number | undefined)[],
  { n, scale }: Pick<SequentialTestOptions, "n" | "scale">,
  level = 0.95,
): { readonly lower: number; readonly upper: number } {
  expectFraction("level", level);
  const [low, high] = scale;
  const alpha = (1 - level) / 2;
  const isTold = (threshold: number, side: "pass" | "fail") => {
    const test = new SequentialMeanTest({
      n,
      scale,
      threshold,
      alphaPass: side === "pass" ? alpha : Number.MIN_VALUE,
      alphaFail: side === "fail" ? alpha : Number.MIN_VALUE,
    });
    for (const value of values) test.add(value);
    return test.verdict?.verdict === side;
  };
  const boundary = (side: "pass" | "fail") => {
    // Told against thresholds on the near side of the boundary, and on the far side not.
    let [told, open] = side === "pass" ? [low, high] : [high, low];
    for (let step = 0; step < 40; step += 1) {
      const middle = (told + open) / 2;
      if (isTold(middle, side)) told = middle;
      else open = middle;
    }
    return told;
  };
  return { lower: boundary("pass"), upper: boundary("fail") };
}
