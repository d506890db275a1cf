import { type Interval, withoutAbsent } from "../../core/index.ts";
import {
  balancedAccuracyOf,
  bootstrap,
  type ConfusionTable,
  cohenKappa,
  concordance,
  confusionTable,
  exactAgreement,
  gwetAc1,
  kendallTauB,
  krippendorffAlpha,
  mean,
  meanAbsoluteError,
  spearman,
  weightedKappa,
} from "../../stats/index.ts";
import type { LabelledPair } from "./labels.ts";

/** A number with how far it may be off. */
export interface Estimate {
  readonly estimate: number;
  /** BCa bootstrap over rows, or clusters of them; absent where resampling does not define it. */
  readonly interval?: Interval;
}

/** How far a judge and people agree; a measure that the verdicts do not define is absent. */
export interface Agreement {
  readonly exactAgreement?: Estimate;
  /** Cohen's κ: beyond chance. */
  readonly kappa?: Estimate;
  /** Quadratic weights. */
  readonly weightedKappa?: Estimate;
  /** Gwet's AC1, for verdicts that are nearly all the same. */
  readonly gwetAc1?: Estimate;
  /** Nominal for words and two categories, else interval. */
  readonly krippendorffAlpha?: Estimate;
  readonly kendallTauB?: Estimate;
  readonly spearman?: Estimate;
  /** Lin's, which falls with leniency. */
  readonly concordance?: Estimate;
  readonly meanAbsoluteError?: Estimate;
  /** People are the truth. */
  readonly balancedAccuracy?: Estimate;
  readonly sensitivity?: Estimate;
  readonly specificity?: Estimate;
}

/** Verdicts on more different values than this are not tabulated. */
const MOST_CATEGORIES = 12;

type Statistic = (pairs: readonly LabelledPair[]) => number | undefined;

/** The cross-table of people (rows) and the judge (columns); undefined for too many different values. */
export function tableOf(pairs: readonly LabelledPair[]): ConfusionTable | undefined {
  const table = confusionTable(
    pairs.map(({ person }) => person),
    pairs.map(({ judge }) => judge),
  );
  return table.categories.length > MOST_CATEGORIES ? undefined : table;
}

/** Every measure that the verdicts define, with intervals. */
export function agreementOf(
  pairs: readonly LabelledPair[],
  isNumeric: boolean,
  { seed = 0, resamples = 2_000 }: { readonly seed?: number; readonly resamples?: number } = {},
): Agreement {
  const clusters = [...Map.groupBy(pairs, ({ cluster }) => cluster).values()];
  const estimated = (statistic: Statistic): Estimate | undefined => {
    const estimate = statistic(pairs);
    if (estimate === undefined) return undefined;
    const sampled = bootstrap(clusters, (sample) => statistic(sample.flat()), { seed, resamples });
    return { estimate, ...(sampled && { interval: sampled.bca }) };
  };
  const table = tableOf(pairs);
  const isBinary =
    isNumeric && table?.categories.every((category) => category === 0 || category === 1) === true;
  const measures = {
    ...(table === undefined ? {} : tabulated(table, isNumeric)),
    ...(isNumeric && !isBinary ? ordered : {}),
    ...(isBinary ? binary : {}),
  };
  const found = Object.entries(measures).map(([name, statistic]) => [name, estimated(statistic)]);
  return withoutAbsent(Object.fromEntries(found)) as Agreement;
}

function tabulated({ categories }: ConfusionTable, isNumeric: boolean) {
  // With the categories of all pairs, so that a resample without one of them is the same table.
  const over = (statistic: (table: ConfusionTable) => number | undefined): Statistic => {
    return (pairs) =>
      statistic(
        confusionTable(
          pairs.map(({ person }) => person),
          pairs.map(({ judge }) => judge),
          categories,
        ),
      );
  };
  const isOrdered = isNumeric && categories.length > 2;
  return {
    exactAgreement: over(exactAgreement),
    kappa: over(cohenKappa),
    ...(isOrdered && { weightedKappa: over((table) => weightedKappa(table, "quadratic")) }),
    gwetAc1: over(gwetAc1),
    ...(!isOrdered && { krippendorffAlpha: alpha("nominal") }),
    balancedAccuracy: over(({ counts }) => balancedAccuracyOf(counts)),
  };
}

const alpha =
  (level: "nominal" | "interval"): Statistic =>
  (pairs) =>
    krippendorffAlpha(
      pairs.map(({ person, judge }) => [person, judge]),
      level,
    );

const overNumbers =
  (statistic: (x: number[], y: number[]) => number | undefined): Statistic =>
  (pairs) =>
    statistic(
      pairs.map(({ person }) => Number(person)),
      pairs.map(({ judge }) => Number(judge)),
    );

const ordered: { readonly [name: string]: Statistic } = {
  krippendorffAlpha: alpha("interval"),
  kendallTauB: overNumbers(kendallTauB),
  spearman: overNumbers(spearman),
  concordance: overNumbers(concordance),
  meanAbsoluteError: overNumbers(meanAbsoluteError),
};

const share =
  (wanted: number): Statistic =>
  (pairs) =>
    mean(
      pairs.filter(({ person }) => person === wanted).map(({ judge }) => Number(judge === wanted)),
    );

const binary: { readonly [name: string]: Statistic } = {
  sensitivity: share(1),
  specificity: share(0),
};
