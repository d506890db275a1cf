import { type GateCounts, withoutAbsent } from "../../core/index.ts";
import type { MetricGate, Pairs } from "../../gates/index.ts";
import { type GateColumn, type GatedRun, groupOf, type RunReader } from "./gated-run.ts";

/** Results that failed or are missing. */
export const lacking = (counts: GateCounts | undefined) =>
  (counts?.failed ?? 0) + (counts?.missing ?? 0);

/**
 * The ordinals of the results that lack a score, as often as they do; those of rows that nothing is stored of
 * lie behind the run's.
 *
 * @param ordinals - Of a slice; absent for all rows.
 */
export async function ordinalsWithout(
  reader: RunReader,
  scorer: string,
  column: GateColumn,
  counts: GateCounts,
  ordinals?: ReadonlySet<number>,
): Promise<number[]> {
  const { run } = reader;
  const keys = await reader.keys();
  const taken = new Map<number, number>();
  const take = (ordinal: number) => taken.set(ordinal, (taken.get(ordinal) ?? 0) + 1);
  for (const ordinal of column.ordinals) take(ordinal);
  const committed = [...keys.keys()].filter((ordinal) => ordinals?.has(ordinal) ?? true);
  const open = () => committed.filter((ordinal) => (taken.get(ordinal) ?? 0) < run.trials);
  if (counts.notApplicable > 0) {
    for await (const row of run.results.listResults(run.runId, { ordinals: open() })) {
      const score = row.scores[scorer];
      if (score?.kind === "unscored" && score.reason === "not-applicable") take(row.ordinal);
    }
  }
  const total = lacking(counts);
  const found = open().flatMap((ordinal) =>
    new Array<number>(run.trials - (taken.get(ordinal) ?? 0)).fill(ordinal),
  );
  for (let i = 0; found.length < total; i += 1) found.push(run.rows + Math.floor(i / run.trials));
  return found.slice(0, total);
}

/** The column as if these results had this score. */
export function columnWith(column: GateColumn, ordinals: readonly number[], value: number) {
  const all = [
    ...Array.from(column.ordinals, (ordinal, index) => ({
      ordinal,
      value: column.values[index] as number,
    })),
    ...ordinals.map((ordinal) => ({ ordinal, value })),
  ].sort((a, b) => a.ordinal - b.ordinal);
  return {
    isRate: column.isRate,
    ordinals: Float64Array.from(all, ({ ordinal }) => ordinal),
    values: Float64Array.from(all, (one) => one.value),
  };
}

/**
 * The pairs as if rows that the baseline scored and this run failed to had the worst score.
 *
 * @param about - With the baseline's scores of rows that have none here, by row key.
 * @returns Undefined without such rows.
 */
export function pairsWithWorst(
  { candidate, baseline, clusters }: Pairs,
  about: {
    readonly run: GatedRun;
    readonly gate: MetricGate;
    readonly scale: readonly [low: number, high: number];
    readonly keys: ReadonlyMap<number, string>;
    readonly without: readonly number[];
    readonly theirs: ReadonlyMap<string, number>;
  },
): Pairs | undefined {
  const { run, gate, scale, keys, without, theirs } = about;
  const lost = [...new Set(without)].flatMap((ordinal) => {
    const was = theirs.get(keys.get(ordinal) ?? "");
    return was === undefined ? [] : [{ was, group: groupOf(run, ordinal) }];
  });
  if (lost.length === 0) return undefined;
  const worst = gate.operator.startsWith("<") ? scale[1] : scale[0];
  return withoutAbsent<Pairs>({
    candidate: [...candidate, ...lost.map(() => worst)],
    baseline: [...baseline, ...lost.map(({ was }) => was)],
    clusters: clusters && [...clusters, ...lost.map(({ group }) => group)],
  });
}
