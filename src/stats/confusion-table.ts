import { expectSameLength, expectThat } from "./expect-that.ts";

/** A category: a class, a verdict, a point of a scale. */
export type Category = string | number | boolean;

/** Which verdicts met which, of two raters on the same items. */
export interface ConfusionTable {
  /** In ascending order of numbers, else by name. */
  readonly categories: readonly Category[];
  /** `counts[i][j]`: items that the first rater puts into category i and the second into j. */
  readonly counts: readonly (readonly number[])[];
  readonly n: number;
}

/**
 * Cross-tabulates two raters' verdicts.
 *
 * @param first - E.g. people; @param second - e.g. a judge, on the same items in the same order.
 * @param categories - All there may be, in their order; default those that occur.
 */
export function confusionTable(
  first: readonly Category[],
  second: readonly Category[],
  categories: readonly Category[] = categoriesOf(first, second),
): ConfusionTable {
  expectSameLength(first, second);
  const places = new Map(categories.map((category, index) => [category, index]));
  const counts = categories.map(() => categories.map(() => 0));
  for (const [item, category] of first.entries()) {
    const other = second[item] as Category;
    const [i, j] = [places.get(category), places.get(other)];
    expectThat(
      i !== undefined && j !== undefined,
      `Expected the categories ${categories.join(", ")}, got ${i === undefined ? category : other}`,
    );
    const row = counts[i] as number[];
    row[j] = (row[j] as number) + 1;
  }
  return { categories, counts, n: first.length };
}

function categoriesOf(...lists: readonly (readonly Category[])[]): Category[] {
  const all = [...new Set(lists.flat())];
  const areNumbers = all.every((category) => typeof category === "number");
  return areNumbers ? all.sort((a, b) => a - b) : all.sort((a, b) => compare(`${a}`, `${b}`));
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Sums of the table: per first rater's category, per second's, and on the diagonal. */
export function margins({ counts }: ConfusionTable) {
  return {
    rows: counts.map((row) => row.reduce((sum, count) => sum + count, 0)),
    columns: counts.map((_, j) => counts.reduce((sum, row) => sum + (row[j] as number), 0)),
    agreed: counts.reduce((sum, row, i) => sum + (row[i] as number), 0),
  };
}
