import type { Generated } from "kysely";

/** Tables and columns, as queries see them. Times are milliseconds since the Unix epoch, JSON is text. */
export interface Schema {
  experiments: {
    experiment_id: Generated<number>;
    name: string;
    artifact_location: string;
    lifecycle_stage: "active" | "deleted";
    creation_time: number;
    last_update_time: number;
  };
  experiment_tags: { experiment_id: number; key: string; value: string };
  runs: {
    /** Short integer name of the run inside the database; the public one is `run_id`. */
    id: Generated<number>;
    run_id: string;
    experiment_id: number;
    name: string;
    status: "RUNNING" | "SCHEDULED" | "FINISHED" | "FAILED" | "KILLED";
    start_time: number;
    end_time: number | null;
    artifact_uri: string;
    lifecycle_stage: "active" | "deleted";
  };
  run_params: { run: number; key: string; value: string };
  run_tags: { run: number; key: string; value: string };
  run_metrics: MetricColumns;
  /** The greatest (step, timestamp, value) of each key. */
  run_latest_metrics: MetricColumns;
  evaluations: {
    run: number;
    plan: string;
    planned_rows: number | null;
    status: string;
    outcome: string | null;
  };
  scorers: { id: Generated<number>; run: number; key: string; greater_is_better: number };
  results: {
    id: Generated<number>;
    run: number;
    ordinal: number;
    trial: number;
    row_key: string;
    inputs: string;
    expectations: string;
    outputs: string | null;
    error: string | null;
    latency_ms: number | null;
    input_tokens: number | null;
    output_tokens: number | null;
    cost: number | null;
    trace_id: string | null;
  };
  scores: {
    result_id: number;
    scorer_id: number;
    /** 0 is the verdict on the row; higher numbers are its parts. */
    part: number;
    /** n(umber), b(oolean), s(tring) or u(nscored). */
    kind: "n" | "b" | "s" | "u";
    value: number | null;
    label: string | null;
    reason: string | null;
    /** The rationale of a score, the detail of its absence. */
    note: string | null;
    part_name: string | null;
    call_id: number | null;
  };
  calls: {
    id: Generated<number>;
    run: number;
    model: string;
    answered_by: string | null;
    reply: string;
    latency_ms: number;
    input_tokens: number | null;
    output_tokens: number | null;
    cost: number | null;
  };
  traces: {
    trace_id: string;
    experiment_id: number;
    run: number | null;
    name: string;
    state: string;
    start_time: number;
    duration_ms: number | null;
    request_preview: string | null;
    response_preview: string | null;
    input_tokens: number | null;
    output_tokens: number | null;
    cost: number | null;
  };
  spans: {
    trace_id: string;
    span_id: string;
    parent_span_id: string | null;
    name: string;
    type: string;
    start_ns: bigint;
    end_ns: bigint;
    status: string;
    status_message: string | null;
    inputs: string | null;
    outputs: string | null;
    attributes: string;
    events: string;
  };
}

interface MetricColumns {
  run: number;
  key: string;
  /** 0 when `is_nan`. */
  value: number;
  is_nan: number;
  timestamp: number;
  step: number;
}
