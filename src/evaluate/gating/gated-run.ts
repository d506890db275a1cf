import type { Summary } from "../../core/index.ts";
import type { Evidence, GateCatalog } from "../../gates/index.ts";
import type { ResultStore, ScoreValues } from "../../store/index.ts";
import { numbersOf, ScoreColumn } from "../score-column.ts";
import type { RowFacts } from "./row-facts.ts";

/** How sure intervals are to be: the defaults, or ones that hold whatever the distribution. */
export type Guarantee = "standard" | "exact";

/** A run that gates are decided on. */
export interface GatedRun {
  readonly results: ResultStore;
  readonly runId: string;
  readonly catalog: GateCatalog;
  /** Planned rows, and trials of each. */
  readonly rows: number;
  readonly trials: number;
  /** What was measured, by metric key. */
  readonly evidence: ReadonlyMap<string, Evidence>;
  /** By scorer key. */
  readonly summaries: { readonly [scorer: string]: Summary };
  /** Share of results that may lack a score before a gate on them cannot be decided. */
  readonly maxFailed: number;
  /** Of the rows, where gates are about parts of them. */
  readonly facts?: RowFacts;
  /** The document or conversation of each row that belongs to one, by ordinal; empty where rows stand alone. */
  readonly groups: ReadonlyMap<number, string>;
  /** Judges with two labels give rates, whatever their values are stored as. */
  readonly judges: ReadonlySet<string>;
  readonly guarantee: Guarantee;
}

/** What a row belongs to; one that says nothing stands alone. */
export function groupOf({ groups }: Pick<GatedRun, "groups">, ordinal: number): string {
  return groups.get(ordinal) ?? `row ${ordinal}`;
}

/** Scores of one scorer, with the rows they belong to. */
export interface GateColumn {
  readonly ordinals: Float64Array;
  readonly values: Float64Array;
  readonly isRate: boolean;
}

/** Reads columns and keys once, however many gates need them. */
export class RunReader {
  readonly run: GatedRun;
  readonly #columns = new Map<string, Promise<ScoreValues>>();
  #keys: Promise<ReadonlyMap<number, string>> | undefined;

  constructor(run: GatedRun) {
    this.run = run;
  }

  /** The scores that are numbers, also where others are words: for single rows. */
  column(scorer: string): Promise<ScoreValues> {
    const known = this.#columns.get(scorer);
    if (known !== undefined) return known;
    const reading = this.run.results.scoreValues(this.run.runId, scorer);
    this.#columns.set(scorer, reading);
    return reading;
  }

  /** Scores to aggregate: none where some are words. */
  async numbers(scorer: string): Promise<GateColumn> {
    return numbersOf(await this.column(scorer));
  }

  /** Row keys by ordinal, of all committed rows. */
  keys(): Promise<ReadonlyMap<number, string>> {
    this.#keys ??= rowKeys(this.run.results, this.run.runId);
    return this.#keys;
  }
}

/** Row keys by ordinal, of all committed rows. */
export async function rowKeys(
  results: ResultStore,
  runId: string,
): Promise<ReadonlyMap<number, string>> {
  const keys = new Map<number, string>();
  for await (const { ordinal, rowKey } of results.committedTrials(runId)) keys.set(ordinal, rowKey);
  return keys;
}

/** The part of a column that belongs to some rows. */
export function columnOf(column: GateColumn, ordinals: ReadonlySet<number>): GateColumn {
  const kept: number[] = [];
  for (const [index, ordinal] of column.ordinals.entries())
    if (ordinals.has(ordinal)) kept.push(index);
  const values = Float64Array.from(kept, (index) => column.values[index] as number);
  return {
    ordinals: Float64Array.from(kept, (index) => column.ordinals[index] as number),
    values,
    isRate: values.length > 0 && column.isRate,
  };
}

/** The mean of each row's trials, with the ordinals of the rows. */
export function rowMeans({ ordinals, values }: Pick<GateColumn, "ordinals" | "values">) {
  const rows: number[] = [];
  for (const [index, ordinal] of ordinals.entries()) {
    if (ordinals[index - 1] !== ordinal) rows.push(ordinal);
  }
  return { ordinals: rows, means: new ScoreColumn(values, ordinals).rowMeans };
}
