/** How far apart two ratings are. */
export type AlphaLevel = "nominal" | "ordinal" | "interval" | "ratio";

/**
 * Krippendorff's α = 1 − D_o/D_e: agreement of any number of raters, with ratings missing, from the
 * coincidence matrix of units with at least two ratings, each pair weighted 1/(m_u − 1).
 *
 * δ²: nominal 1, interval (c − k)², ordinal (Σ_{g=c}^{k} n_g − (n_c + n_k)/2)², ratio ((c − k)/(c + k))².
 *
 * @param units - One list of ratings per unit; `undefined` or null where a rater gave none. Categories in
 *   words are for `nominal`.
 * @returns At most 1; undefined where nothing varies, or no unit has two ratings.
 * @see Krippendorff (2011), Computing Krippendorff's Alpha-Reliability.
 */
export function krippendorffAlpha(
  units: readonly (readonly (number | string | boolean | null | undefined)[])[],
  level: AlphaLevel = "nominal",
): number | undefined {
  const rated = units
    .map((unit) => unit.filter((rating) => rating !== null && rating !== undefined))
    .filter((unit) => unit.length >= 2);
  const values = [...new Set(rated.flat())].sort((a, b) => Number(a) - Number(b));
  const places = new Map(values.map((value, index) => [value, index]));
  const totals = new Float64Array(values.length);
  const coincidences = values.map(() => new Float64Array(values.length));
  for (const unit of rated) {
    const counts = new Map<number, number>();
    for (const rating of unit) {
      const place = places.get(rating) as number;
      counts.set(place, (counts.get(place) ?? 0) + 1);
    }
    for (const [c, count] of counts) {
      totals[c] = (totals[c] as number) + count;
      const row = coincidences[c] as Float64Array;
      for (const [k, other] of counts) {
        const pairs = c === k ? count * (count - 1) : count * other;
        row[k] = (row[k] as number) + pairs / (unit.length - 1);
      }
    }
  }
  const n = totals.reduce((sum, count) => sum + count, 0);
  const distance = distanceOf(level, values.map(Number), totals);
  let [observed, expected] = [0, 0];
  for (let c = 0; c < values.length; c += 1) {
    for (let k = 0; k < c; k += 1) {
      const squared = distance(k, c);
      observed += ((coincidences[c] as Float64Array)[k] as number) * squared;
      expected += ((totals[c] as number) * (totals[k] as number) * squared) / (n - 1);
    }
  }
  return expected === 0 ? undefined : 1 - observed / expected;
}

function distanceOf(
  level: AlphaLevel,
  values: readonly number[],
  totals: Float64Array,
): (low: number, high: number) => number {
  const value = (index: number) => values[index] as number;
  switch (level) {
    case "nominal":
      return () => 1;
    case "interval":
      return (c, k) => (value(c) - value(k)) ** 2;
    case "ratio":
      return (c, k) => ((value(c) - value(k)) / (value(c) + value(k))) ** 2;
    case "ordinal":
      return (c, k) => {
        let between = 0;
        for (let g = c; g <= k; g += 1) between += totals[g] as number;
        return (between - ((totals[c] as number) + (totals[k] as number)) / 2) ** 2;
      };
  }
}
