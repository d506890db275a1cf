import { type RawBuilder, sql } from "kysely";
import type { NumberedTable } from "../engine.ts";
import type { Schema } from "../schema.ts";

/** Every table but those of what several experiments may use: registered datasets, cached responses. */
export type OwnedTable = Exclude<
  keyof Schema,
  "experiments" | "trace_assessments" | "cached_responses" | "datasets" | `dataset_${string}`
>;

/** Where a row belongs: the column that names the row that owns it. */
interface Owner {
  readonly column: string;
  readonly table: OwnerTable | "experiments";
}

/** A table whose rows own others. */
export type OwnerTable = "runs" | "results" | "traces" | "logged_models";

export interface Ownership {
  /** The owner whose experiment is the row's. */
  readonly owner: Owner;
  /** What identifies a row, in the order of its primary key; `id` alone where the rows are numbered. */
  readonly key: readonly string[];
  /** Other columns that hold the id of a row, and of which table; with null where there need be none. */
  readonly links?: { readonly [column: string]: NumberedTable };
  readonly optionalLinks?: { readonly [column: string]: NumberedTable };
  /** Those of the optional links whose row goes with the one it names. */
  readonly cascades?: readonly string[];
}

const ofRun = (...key: string[]): Ownership => ({ owner: { column: "run", table: "runs" }, key });
const ofTrace = (...key: string[]): Ownership => ({
  owner: { column: "trace", table: "traces" },
  key,
});
const ofModel = (...key: string[]): Ownership => ({
  owner: { column: "model", table: "logged_models" },
  key,
});
const ofExperiment = (...key: string[]): Ownership => ({
  owner: { column: "experiment_id", table: "experiments" },
  key,
});

/** Every table whose rows belong to an experiment, owners before what they own. */
export const OWNED_TABLES: { readonly [T in OwnedTable]: Ownership } = {
  experiment_tags: ofExperiment("experiment_id", "key"),
  runs: ofExperiment("id"),
  run_params: ofRun("run", "key"),
  run_tags: ofRun("run", "key"),
  run_metrics: ofRun("run", "key", "timestamp", "step", "value", "is_nan"),
  run_latest_metrics: ofRun("run", "key"),
  input_datasets: ofExperiment("id"),
  run_inputs: { ...ofRun("run", "dataset"), links: { dataset: "input_datasets" } },
  run_input_tags: { ...ofRun("run", "dataset", "key"), links: { dataset: "input_datasets" } },
  evaluations: ofRun("run"),
  run_rows: ofRun("run", "ordinal"),
  run_chunks: ofRun("run", "chunk"),
  scorers: ofRun("id"),
  results: ofRun("id"),
  calls: { ...ofRun("id"), optionalLinks: { scorer_id: "scorers" } },
  scores: {
    owner: { column: "result_id", table: "results" },
    key: ["result_id", "scorer_id", "part"],
    links: { scorer_id: "scorers" },
    optionalLinks: { call_id: "calls" },
  },
  traces: { ...ofExperiment("id"), optionalLinks: { run: "runs" } },
  trace_tags: ofTrace("trace", "key"),
  trace_metadata: ofTrace("trace", "key"),
  spans: ofTrace("id"),
  assessments: { ...ofTrace("id"), optionalLinks: { run: "runs" }, cascades: ["run"] },
  logged_models: { ...ofExperiment("id"), optionalLinks: { source_run: "runs" } },
  logged_model_params: ofModel("model", "key"),
  logged_model_tags: ofModel("model", "key"),
  logged_model_metrics: {
    ...ofModel(
      "model",
      "key",
      "dataset_name",
      "dataset_digest",
      "step",
      "timestamp",
      "value",
      "is_nan",
      "run",
    ),
    links: { run: "runs" },
  },
  run_models: { ...ofRun("run", "model", "direction"), links: { model: "logged_models" } },
};

export const OWNED_TABLE_NAMES = Object.keys(OWNED_TABLES) as readonly OwnedTable[];

const OWNERS: ReadonlySet<string> = new Set(
  Object.values(OWNED_TABLES).map(({ owner }) => owner.table),
);

export function isOwner(table: OwnedTable): table is OwnerTable {
  return OWNERS.has(table);
}

/** The condition on a row of `table` that it belongs to the experiment. */
export function inExperiment(table: OwnedTable, experimentId: number): RawBuilder<boolean> {
  const { column, table: owner } = OWNED_TABLES[table].owner;
  const isOwned = sql.ref(`${table}.${column}`);
  if (owner === "experiments") return sql`${isOwned} = ${experimentId}`;
  return sql`${isOwned} in (select id from ${sql.table(owner)} where ${inExperiment(owner, experimentId)})`;
}
