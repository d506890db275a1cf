import { sql } from "kysely";
import type { SearchTarget } from "../../search/index.ts";
import type { SqlExpressions } from "../engine.ts";
import {
  type Condition,
  column,
  experimentId,
  indexedText,
  nullable,
  number,
  runId,
  type Scope,
  type SearchTable,
  text,
} from "./search-table.ts";

const RUNS: SearchTable<"runs"> = {
  table: "runs",
  id: "id",
  attributes: {
    run_id: indexedText("run_id"),
    run_name: { ...indexedText("name"), isBehindScope: true },
    experiment_id: experimentId,
    status: text("status"),
    user_id: { tag: "mlflow.user" },
    artifact_uri: text("artifact_uri"),
    start_time: number("start_time"),
    end_time: nullable(number("end_time")),
  },
  keyed: {
    metric: { table: "run_latest_metrics", owner: "run", isIndexed: true, holdsNumbers: true },
    param: { table: "run_params", owner: "run", isIndexed: true },
    tag: { table: "run_tags", owner: "run", isIndexed: true },
  },
  scope: ownStage,
  defaultLimit: 1000,
  maxLimit: 50_000,
};

const EXPERIMENTS: SearchTable<"experiments"> = {
  table: "experiments",
  id: "experiment_id",
  attributes: {
    experiment_id: experimentId,
    name: text("name"),
    creation_time: number("creation_time"),
    last_update_time: number("last_update_time"),
  },
  keyed: { tag: { table: "experiment_tags", owner: "experiment_id", isIndexed: false } },
  scope: ownStage,
  defaultLimit: 1000,
  maxLimit: 50_000,
};

const TRACES: SearchTable<"traces"> = {
  table: "traces",
  id: "id",
  attributes: {
    trace_id: indexedText("trace_id"),
    experiment_id: experimentId,
    name: text("name"),
    status: text("state"),
    client_request_id: nullable(indexedText("client_request_id")),
    run_id: runId("run"),
    timestamp_ms: number("start_time"),
    execution_time_ms: nullable(number("duration_ms")),
    end_time_ms: {
      type: "number",
      value: sql`(${column("start_time")} + coalesce(${column("duration_ms")}, 0))`,
    },
    input_tokens: nullable(number("input_tokens")),
    output_tokens: nullable(number("output_tokens")),
    total_tokens: {
      type: "number",
      isNullable: true,
      value: sql`coalesce(${column("input_tokens")} + ${column("output_tokens")},
        ${column("input_tokens")}, ${column("output_tokens")})`,
    },
    cost: nullable(number("cost")),
  },
  keyed: {
    tag: { table: "trace_tags", owner: "trace", isIndexed: true },
    metadata: { table: "trace_metadata", owner: "trace", isIndexed: true },
  },
  scope: stageOfExperiment,
  defaultLimit: 100,
  maxLimit: 500,
};

const LOGGED_MODELS: SearchTable<"logged-models"> = {
  table: "logged_models",
  id: "id",
  attributes: {
    model_id: indexedText("model_id"),
    experiment_id: experimentId,
    name: text("name"),
    model_type: nullable(text("model_type")),
    status: text("status"),
    source_run_id: runId("source_run"),
    creation_timestamp: number("creation_time"),
    last_updated_timestamp: number("last_update_time"),
  },
  keyed: {
    metric: {
      table: "logged_model_metrics",
      holdsNumbers: true,
      owner: "model",
      isIndexed: false,
      latest: ["step", "timestamp", "value"],
    },
    param: { table: "logged_model_params", owner: "model", isIndexed: false },
    tag: { table: "logged_model_tags", owner: "model", isIndexed: false },
  },
  scope: ownStage,
  defaultLimit: 100,
  maxLimit: 50_000,
};

const DATASETS: SearchTable<"datasets"> = {
  table: "datasets",
  id: "id",
  attributes: {
    dataset_id: text("dataset_id"),
    name: text("name"),
    created_by: nullable(text("created_by")),
    last_updated_by: nullable(text("last_updated_by")),
    created_time: number("creation_time"),
    last_update_time: number("last_update_time"),
  },
  keyed: { tag: { table: "dataset_tags", owner: "dataset", isIndexed: false } },
  scope: (expressions, { experiments, lifecycle }) => [
    ...(experiments === undefined ? [] : [usedBy(expressions, experiments)]),
    // A deleted dataset is gone.
    ...(lifecycle === "deleted" ? [sql<boolean>`1 = 0`] : []),
  ],
  defaultLimit: 50,
  maxLimit: 50_000,
};

export const SEARCH_TABLES: { readonly [Target in SearchTarget]: SearchTable<Target> } = {
  runs: RUNS,
  experiments: EXPERIMENTS,
  traces: TRACES,
  "logged-models": LOGGED_MODELS,
  datasets: DATASETS,
};

function ownStage(expressions: SqlExpressions, { experiments, lifecycle }: Scope): Condition[] {
  const stages = lifecycle === "all" ? ["active", "deleted"] : [lifecycle];
  const [only] = stages;
  return [
    ...inExperiments(expressions, experiments),
    stages.length === 1
      ? sql`${column("lifecycle_stage")} = ${only}`
      : expressions.isAmong(column("lifecycle_stage"), stages),
  ];
}

/** A trace has no stage of its own: it goes and comes back with its experiment. */
function stageOfExperiment(
  expressions: SqlExpressions,
  { experiments, lifecycle }: Scope,
): Condition[] {
  const inside = inExperiments(expressions, experiments);
  if (lifecycle === "all") return inside;
  // Few experiments are deleted, so that both lists are short.
  const deleted = sql`(select experiment_id from experiments where lifecycle_stage <> 'active')`;
  const id = column("experiment_id");
  return [
    ...inside,
    lifecycle === "active" ? sql`${id} not in ${deleted}` : sql`${id} in ${deleted}`,
  ];
}

function inExperiments(
  expressions: SqlExpressions,
  experiments: readonly number[] | undefined,
): Condition[] {
  if (experiments === undefined) return [];
  const id = column("experiment_id");
  const [only] = experiments;
  // An equality keeps the order of the index behind it.
  return [experiments.length === 1 ? sql`${id} = ${only}` : expressions.isAmong(id, experiments)];
}

function usedBy(expressions: SqlExpressions, experiments: readonly number[]): Condition {
  return sql`exists (select 1 from dataset_experiments as e where e.dataset = ${column("id")}
    and ${expressions.isAmong(sql.ref("e.experiment_id"), experiments)})`;
}
