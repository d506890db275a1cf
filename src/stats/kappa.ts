import { type ConfusionTable, margins } from "./confusion-table.ts";
import { expectThat } from "./expect-that.ts";

/** How much a disagreement counts: by distance of the categories, or its square. */
export type KappaWeights = "linear" | "quadratic";

/** Share of items on which both say the same; undefined for no items. */
export function exactAgreement(table: ConfusionTable): number | undefined {
  return table.n === 0 ? undefined : margins(table).agreed / table.n;
}

/**
 * Cohen's κ = (p_o − p_e)/(1 − p_e), p_e = Σ p_{1k}·p_{2k}: agreement beyond what chance gives.
 *
 * @returns In [−1, 1]; undefined where chance agreement is complete (both constant): not 1, not 0.
 * @see Cohen (1960), Educ. Psychol. Meas. 20:37–46.
 */
export function cohenKappa(table: ConfusionTable): number | undefined {
  const { n } = table;
  const { rows, columns, agreed } = margins(table);
  const chance = rows.reduce((sum, row, k) => sum + (row / n) * ((columns[k] as number) / n), 0);
  return beyondChance(agreed / n, chance);
}

/**
 * Weighted κ = 1 − Σw_ij·o_ij / Σw_ij·e_ij, w = |i − j| or (i − j)² of the categories' values, so that a 4
 * for a 5 is not as bad as a 1 for a 5. Categories that are no numbers count by their place.
 *
 * @see Cohen (1968), Psychol. Bull. 70:213–220.
 */
export function weightedKappa(table: ConfusionTable, weights: KappaWeights): number | undefined {
  const { categories, counts, n } = table;
  const { rows, columns } = margins(table);
  const value = (index: number) => {
    const category = categories[index];
    return typeof category === "number" ? category : index;
  };
  let [observed, expected] = [0, 0];
  for (const [i, row] of counts.entries()) {
    for (const [j, count] of row.entries()) {
      const distance = Math.abs(value(i) - value(j));
      const weight = weights === "linear" ? distance : distance ** 2;
      observed += weight * count;
      expected += (weight * (rows[i] as number) * (columns[j] as number)) / n;
    }
  }
  return expected === 0 || n === 0 ? undefined : 1 - observed / expected;
}

/**
 * Scott's π: as κ, with chance agreement from the pooled margins.
 *
 * @see Scott (1955), Public Opinion Quarterly 19:321–325.
 */
export function scottPi(table: ConfusionTable): number | undefined {
  const chance = pooledShares(table).reduce((sum, share) => sum + share ** 2, 0);
  return beyondChance(margins(table).agreed / table.n, chance);
}

/**
 * Gwet's AC1: chance agreement Σ q_k(1 − q_k)/(K − 1) of the pooled shares; keeps its head where nearly all
 * items are of one category and κ does not.
 *
 * @see Gwet (2008), Brit. J. Math. Stat. Psychol. 61:29–48.
 */
export function gwetAc1(table: ConfusionTable): number | undefined {
  const kinds = table.categories.length;
  if (kinds < 2) return undefined;
  const spread = pooledShares(table).reduce((sum, share) => sum + share * (1 - share), 0);
  return beyondChance(margins(table).agreed / table.n, spread / (kinds - 1));
}

/**
 * Fleiss' κ of many raters.
 *
 * @param counts - `counts[i][k]`: how many raters put item i into category k; as many for each item, at least 2.
 * @see Fleiss (1971), Psychol. Bull. 76:378–382.
 */
export function fleissKappa(counts: readonly (readonly number[])[]): number | undefined {
  const raters = counts[0]?.reduce((sum, count) => sum + count, 0) ?? 0;
  expectThat(raters >= 2, "Expected at least one item with two raters");
  let agreed = 0;
  const shares = (counts[0] ?? []).map(() => 0);
  for (const item of counts) {
    const total = item.reduce((sum, count) => sum + count, 0);
    expectThat(total === raters, `Expected ${raters} raters for each item, got ${total}`);
    agreed += item.reduce((sum, count) => sum + count * (count - 1), 0) / (raters * (raters - 1));
    for (const [k, count] of item.entries()) {
      shares[k] = (shares[k] as number) + count / (counts.length * raters);
    }
  }
  return beyondChance(
    agreed / counts.length,
    shares.reduce((sum, share) => sum + share ** 2, 0),
  );
}

function pooledShares(table: ConfusionTable): number[] {
  const { rows, columns } = margins(table);
  return rows.map((row, k) => (row + (columns[k] as number)) / (2 * table.n));
}

function beyondChance(observed: number, chance: number): number | undefined {
  // Rounding of 1 − Σp² must not turn "undefined" into a huge number.
  if (!(1 - chance > 1e-12)) return undefined;
  return (observed - chance) / (1 - chance);
}
