import { expectThat } from "./expect-that.ts";
import { mean } from "./mean.ts";
import { momentsOf, sampleVariance } from "./moments.ts";
import { benjaminiYekutieliAdjusted } from "./multiple-tests.ts";
import { studentTDistribution } from "./student-t-distribution.ts";

/** How well a rating goes with those of others; higher is better. */
export type Alignment = "accuracy" | "rmse";

/** How an alternative annotator test is made. */
export interface AltTestOptions {
  /** `accuracy` for classes: share of the others who say the same; `rmse` for numbers: −√ of the mean square. */
  readonly alignment?: Alignment;
  /** What a person costs more than a judge, as an advantage granted: 0.2 experts, 0.15 skilled, 0.1 crowd. */
  readonly epsilon?: number;
  /** False discovery rate over annotators; default 0.05. */
  readonly q?: number;
  /** Fewest items that an annotator must share with the judge and others; default 30. */
  readonly fewestItems?: number;
}

/** What the test says of one annotator. */
export interface AltTestAnnotator {
  readonly annotator: string;
  readonly n: number;
  /** Share of items on which the judge goes with the others at least as well as this annotator does. */
  readonly advantage: number;
  readonly p: number;
  /** Whether the judge is found to be at least as good, after correction for the number of annotators. */
  readonly isRejected: boolean;
}

/** Whether a judge may stand in for the annotators. */
export interface AltTest {
  /** Share of annotators that the judge does at least as well as: it may replace them from ½ on. */
  readonly winningRate: number;
  readonly mayReplace: boolean;
  /** Mean of the advantages: compares judges. */
  readonly advantage: number;
  readonly annotators: readonly AltTestAnnotator[];
}

/** Ratings of one item. */
export interface AnnotatedItem {
  readonly judge: number | string | boolean;
  readonly people: { readonly [annotator: string]: number | string | boolean };
}

/**
 * The alternative annotator test: may this judge replace a person?
 *
 * For each annotator j, over items that j and others rated: a = alignment(j, others), f = alignment(judge,
 * others), d = 1[a ≥ f] − 1[f ≥ a]; a one-sided t-test of mean(d) < ε; Benjamini–Yekutieli over annotators.
 *
 * @returns Undefined for fewer than two annotators with enough items.
 * @throws {AssayError} `invalid-argument` for an ε outside [0, 1).
 * @see Calderon, Reichart and Dror (2025), ACL, arXiv:2501.10970, §3.
 */
export function altTest(
  items: readonly AnnotatedItem[],
  { alignment = "accuracy", epsilon = 0.2, q = 0.05, fewestItems = 30 }: AltTestOptions = {},
): AltTest | undefined {
  expectThat(epsilon >= 0 && epsilon < 1, `Expected \`epsilon\` in [0, 1), got ${epsilon}`);
  const names = [...new Set(items.flatMap(({ people }) => Object.keys(people)))];
  const tried = names.flatMap((annotator) => {
    const { wins, differences } = compare(items, annotator, alignment);
    if (differences.length < Math.max(2, fewestItems)) return [];
    const p = probabilityOf(differences, epsilon);
    return [{ annotator, n: differences.length, advantage: mean(wins) as number, p }];
  });
  if (tried.length < 2) return undefined;
  const adjusted = benjaminiYekutieliAdjusted(tried.map(({ p }) => p));
  const annotators = tried.map((one, i) => ({ ...one, isRejected: (adjusted[i] as number) <= q }));
  const winningRate = annotators.filter(({ isRejected }) => isRejected).length / annotators.length;
  return {
    winningRate,
    mayReplace: winningRate >= 0.5,
    advantage: mean(annotators.map(({ advantage }) => advantage)) as number,
    annotators,
  };
}

function compare(items: readonly AnnotatedItem[], annotator: string, alignment: Alignment) {
  const wins: number[] = [];
  const differences: number[] = [];
  for (const { judge, people } of items) {
    const own = people[annotator];
    const others = Object.entries(people).flatMap(([name, rating]) =>
      name === annotator ? [] : [rating],
    );
    if (own === undefined || others.length === 0) continue;
    const [a, f] = [align(own, others, alignment), align(judge, others, alignment)];
    wins.push(Number(f >= a));
    differences.push(Number(a >= f) - Number(f >= a));
  }
  return { wins, differences };
}

type Rating = number | string | boolean;

function align(rating: Rating, others: readonly Rating[], alignment: Alignment): number {
  if (alignment === "accuracy") {
    return others.filter((other) => other === rating).length / others.length;
  }
  const squares = others.map((other) => (Number(other) - Number(rating)) ** 2);
  return -Math.sqrt(mean(squares) as number);
}

/** One-sided t-test of a mean below ε; without any variation there is only one side to be on. */
function probabilityOf(differences: readonly number[], epsilon: number): number {
  const moments = momentsOf(differences);
  const variance = sampleVariance(moments) as number;
  if (variance === 0) return moments.mean < epsilon ? 0 : 1;
  const t = (moments.mean - epsilon) / Math.sqrt(variance / moments.n);
  return studentTDistribution(t, moments.n - 1);
}
