import { expectThat } from "./expect-that.ts";

/** Verdicts of a judge against the truth (people), yes or no. */
export interface BinaryCounts {
  readonly truePositive: number;
  readonly falsePositive: number;
  readonly falseNegative: number;
  readonly trueNegative: number;
}

/** Rates of {@link BinaryCounts}; one whose denominator is 0 is absent. */
export interface BinaryAgreement {
  readonly accuracy?: number;
  /** TP/(TP + FN). */
  readonly sensitivity?: number;
  /** TN/(TN + FP). */
  readonly specificity?: number;
  /** (sensitivity + specificity)/2: ½ for a judge that says the same whatever it sees. */
  readonly balancedAccuracy?: number;
  /** Sensitivity + specificity − 1 (Youden 1950). */
  readonly youdenJ?: number;
  readonly precision?: number;
  readonly f1?: number;
  /** Matthews (1975) correlation coefficient. */
  readonly mcc?: number;
}

/** Agreement of yes/no verdicts with the truth. */
export function binaryAgreement(counts: BinaryCounts): BinaryAgreement {
  const { truePositive: tp, falsePositive: fp, falseNegative: fn, trueNegative: tn } = counts;
  const share = (part: number, whole: number) => (whole > 0 ? part / whole : undefined);
  const sensitivity = share(tp, tp + fn);
  const specificity = share(tn, tn + fp);
  const sum =
    sensitivity !== undefined && specificity !== undefined ? sensitivity + specificity : undefined;
  const product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn);
  const rates = {
    accuracy: share(tp + tn, tp + fp + fn + tn),
    sensitivity,
    specificity,
    balancedAccuracy: sum === undefined ? undefined : sum / 2,
    youdenJ: sum === undefined ? undefined : sum - 1,
    precision: share(tp, tp + fp),
    f1: share(2 * tp, 2 * tp + fp + fn),
    mcc: product > 0 ? (tp * tn - fp * fn) / Math.sqrt(product) : undefined,
  };
  return Object.fromEntries(Object.entries(rates).filter(([, rate]) => rate !== undefined));
}

/**
 * The true rate behind a judge's: (p_obs + specificity − 1)/(sensitivity + specificity − 1), clipped to
 * [0, 1]. Explodes for a judge near chance; prediction-powered estimates do not.
 *
 * @throws {AssayError} `invalid-argument` for a judge no better than chance.
 * @see Rogan and Gladen (1978), Am. J. Epidemiol. 107:71–76.
 */
export function roganGladen(observed: number, sensitivity: number, specificity: number): number {
  const youden = sensitivity + specificity - 1;
  expectThat(youden > 0, `Expected sensitivity + specificity above 1, got ${youden + 1}`);
  return Math.min(1, Math.max(0, (observed + specificity - 1) / youden));
}

/** Mean over the classes that occur of the share of each that was found; ½ by chance for two. */
export function balancedAccuracyOf(counts: readonly (readonly number[])[]): number | undefined {
  const recalls = counts.flatMap((row, i) => {
    const all = row.reduce((sum, count) => sum + count, 0);
    return all === 0 ? [] : [(row[i] as number) / all];
  });
  if (recalls.length < 2) return undefined;
  return recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
}
