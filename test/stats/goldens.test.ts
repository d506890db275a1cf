import { describe, expect, test } from "vitest";
import { momentsOf, plusTwoTInterval, tInterval, wilsonInterval } from "../../src/stats/index.ts";
import { goldensMissing, goldensNote, readGoldens } from "./shared-goldens.ts";

type Bounds = [lower: number, upper: number];

interface StatsGoldens {
  readonly A_mean: { x: number[]; scale: Bounds; mean: number; sd: number; t95: Bounds };
  readonly A_tplus2: { ci95: Bounds };
  readonly A_tplus2_allfives: { x: number[]; t95: Bounds; ci95_plus2: Bounds };
  readonly A_tplus2_onesided_lower95: number;
  readonly B_proportions: { k: number; n: number; wilson95: Bounds; wilson90: Bounds }[];
  readonly D_paired: {
    candidate: number[];
    baseline: number[];
    ci95_t: Bounds;
    upper95_one_sided_t: number;
    upper95_one_sided_tplus2_R4: number;
  };
  readonly F_ebcs: { data: number[] };
  readonly F_t_same_data: Bounds;
  readonly F_tplus2_same_data: Bounds;
  readonly F_t_long: Bounds;
  readonly F_tplus2_long: Bounds;
}

const goldens = readGoldens<StatsGoldens>("stats-goldens.json");

function expectBounds(interval: { lower: number; upper: number } | undefined, bounds: Bounds) {
  expect(interval?.lower).toBeCloseTo(bounds[0], 7);
  expect(interval?.upper).toBeCloseTo(bounds[1], 7);
}

describe.skipIf(goldensMissing)(`intervals agree with the reference values ${goldensNote}`, () => {
  test("for ten judge scores on a scale of 1 to 5", () => {
    const { x, scale, mean, t95 } = goldens.A_mean;
    const moments = momentsOf(x);
    expect(moments.mean).toBeCloseTo(mean, 9);
    expectBounds(tInterval(moments), t95);
    expectBounds(plusTwoTInterval(moments, scale), goldens.A_tplus2.ci95);
    const oneSided = plusTwoTInterval(moments, scale, 0.9);
    expect(oneSided?.lower).toBeCloseTo(goldens.A_tplus2_onesided_lower95, 8);
  });

  test("for scores that are all at the top", () => {
    const { x, t95, ci95_plus2 } = goldens.A_tplus2_allfives;
    expectBounds(tInterval(momentsOf(x)), t95);
    expectBounds(plusTwoTInterval(momentsOf(x), [1, 5]), ci95_plus2);
  });

  test("for paired differences", () => {
    const { candidate, baseline, ...expected } = goldens.D_paired;
    const differences = momentsOf(candidate.map((score, index) => score - (baseline[index] ?? 0)));
    expectBounds(tInterval(differences), expected.ci95_t);
    expect(tInterval(differences, 0.9)?.upper).toBeCloseTo(expected.upper95_one_sided_t, 8);
    expect(plusTwoTInterval(differences, [-4, 4], 0.9)?.upper).toBeCloseTo(
      expected.upper95_one_sided_tplus2_R4,
      8,
    );
  });

  test("for scores in [0, 1]", () => {
    expectBounds(tInterval(momentsOf(goldens.F_ebcs.data)), goldens.F_t_same_data);
    expectBounds(
      plusTwoTInterval(momentsOf(goldens.F_ebcs.data), [0, 1]),
      goldens.F_tplus2_same_data,
    );
    const long = momentsOf(Array.from({ length: 200 }, (_, t) => ((37 * (t + 1)) % 101) / 100));
    expectBounds(tInterval(long), goldens.F_t_long);
    expectBounds(plusTwoTInterval(long, [0, 1]), goldens.F_tplus2_long);
  });

  test("for pass rates", () => {
    expect(goldens.B_proportions.length).toBeGreaterThanOrEqual(6);
    for (const { k, n, wilson95, wilson90 } of goldens.B_proportions) {
      expectBounds(wilsonInterval(k, n), wilson95);
      expectBounds(wilsonInterval(k, n, 0.9), wilson90);
    }
  });
});
