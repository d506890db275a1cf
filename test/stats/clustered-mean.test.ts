import { describe, expect, test } from "vitest";
import {
  bettingInterval,
  clusteredMean,
  momentsOf,
  plusTwoTInterval,
  seededRandom,
} from "../../src/stats/index.ts";

/** Documents of so many verdicts each, of which so many are 1. */
function documents(passes: readonly number[], size: number) {
  const values = passes.flatMap((right) =>
    Array.from({ length: size }, (_, i) => Number(i < right)),
  );
  const names = passes.flatMap((_, document) => new Array<string>(size).fill(`d${document}`));
  return { values, names };
}

const ENDS = [0, 1];

describe("the interval of a mean over clusters", () => {
  test.each([
    ["as many rows each", [20, 31, 44, 50, 12, 38, 47, 50, 50, 29, 33, 41]],
    ["nothing but passes", new Array<number>(12).fill(50)],
  ])("is plus-two of the documents, with %s", (_, passes) => {
    const { values, names } = documents(passes, 50);
    const found = clusteredMean(values, names, 0.95, ENDS);
    const alone = plusTwoTInterval(momentsOf(passes.map((right) => right / 50)), [0, 1]);
    expect(found?.interval.lower).toBeCloseTo(alone?.lower as number, 12);
    expect(found?.interval.upper).toBeCloseTo(alone?.upper as number, 12);
  });

  test("of two documents says next to nothing, however many rows they have", () => {
    for (const passes of [
      [40, 41],
      [50, 50],
    ]) {
      const { values, names } = documents(passes, 50);
      // Plain t of .8 and .82 has one degree of freedom: .81 ± 12.7062 · .01.
      const interval = clusteredMean(values, names, 0.95, ENDS)?.interval;
      expect(interval?.lower).toBeLessThan(0.683);
      expect(interval?.upper).toBeGreaterThan(0.937);
    }
  });

  test.each([5, 10, 20])(
    "holds for %d documents of which four of five are right throughout",
    (count) => {
      const random = seededRandom(7);
      let covered = 0;
      for (let sample = 0; sample < 400; sample += 1) {
        const passes = Array.from({ length: count }, () => {
          const rate = random() < 0.8 ? 1 : random();
          return Array.from({ length: 20 }, () => Number(random() < rate)).reduce((a, b) => a + b);
        });
        const { values, names } = documents(passes, 20);
        const interval = clusteredMean(values, names, 0.95, ENDS)?.interval;
        // The mean of such documents is .8 + .2 · ½.
        if (interval && interval.lower <= 0.9 && interval.upper >= 0.9) covered += 1;
      }
      expect(covered / 400).toBeGreaterThan(0.94);
    },
  );

  test("has no width where all values are alike and nothing bounds them", () => {
    const found = clusteredMean([0.1, 0.1, 0.1, 0.1], ["a", "a", "b", "c"]);
    expect(found?.standardError).toBe(0);
    expect(found?.interval).toMatchObject({ lower: 0.1, upper: 0.1 });
  });
});

describe("bets on the means of documents", () => {
  test("of one size are bets on single values", () => {
    const means = [0.1, 0.5, 0.9, 1, 1, 0.4];
    expect(bettingInterval(means, 0.95, [7, 7, 7, 7, 7, 7])).toEqual(bettingInterval(means));
  });

  test("hold for documents of any size, also where long ones are worse", () => {
    const random = seededRandom(3);
    // Documents of 2 rows are right, of 18 wrong in half of the cases: (2 · 1 + 18 · ½) / 20.
    let covered = 0;
    for (let sample = 0; sample < 300; sample += 1) {
      const sizes = Array.from({ length: 30 }, () => (random() < 0.5 ? 2 : 18));
      const means = sizes.map((size) => (size === 2 || random() < 0.5 ? 1 : 0));
      const interval = bettingInterval(means, 0.95, sizes);
      if (interval && interval.lower <= 0.55 && interval.upper >= 0.55) covered += 1;
    }
    expect(covered / 300).toBeGreaterThanOrEqual(0.95);
  });

  test("cannot weigh nothing", () => {
    expect(() => bettingInterval([1, 0], 0.95, [1, 0])).toThrow("Expected weights above 0");
  });
});
