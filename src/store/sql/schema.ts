import type { Generated } from "kysely";
import type { StoredStage } from "./lifecycle.ts";

/** Tables and columns, as queries see them. Times are milliseconds since the Unix epoch, JSON is text. */
export interface Schema {
  experiments: {
    experiment_id: Generated<number>;
    name: string;
    artifact_location: string;
    lifecycle_stage: StoredStage;
    creation_time: number;
    last_update_time: number;
    /** When it was deleted; null while it is active. */
    deleted_time: number | null;
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
    lifecycle_stage: StoredStage;
    deleted_time: number | null;
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
    /** Who works on it, and until when that holds unless it is renewed. */
    worker: string | null;
    lease_until: number | null;
    /** How many chunks its rows were parted into; null while they are not, and for one that is streamed. */
    chunks: number | null;
  };
  /** The rows of a planned evaluation, until all of them are finished. */
  run_rows: { run: number; ordinal: number; data: string };
  /** Rows that a worker takes at once; gone once all of them are finished. */
  run_chunks: {
    run: number;
    /** Chunks are taken in the order of their numbers. */
    chunk: number;
    /** JSON: the rows, in the order in which they are to be taken. */
    ordinals: string;
    worker: string | null;
    lease_until: number | null;
  };
  cached_responses: { key: string; response: string; created_time: number };
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
    /** JSON objects; null where the row has none, and for results of before schema version 5. */
    metadata: string | null;
    tags: string | null;
    other_columns: string | null;
    /** The document or conversation that the row belongs to. */
    row_group: string | null;
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
    /** Null for calls of before schema version 4, and for what discarded results used. */
    scorer_id: number | null;
    /** Requests, repeated ones included; null where that is not known. */
    attempts: number | null;
    error: string | null;
    /** 1 where the answer was there already. */
    cached: number | null;
  };
  traces: {
    id: Generated<number>;
    trace_id: string;
    experiment_id: number;
    run: number | null;
    name: string;
    state: string;
    start_time: number;
    duration_ms: number | null;
    request_preview: string | null;
    response_preview: string | null;
    client_request_id: string | null;
    input_tokens: number | null;
    output_tokens: number | null;
    cost: number | null;
  };
  trace_tags: { trace: number; key: string; value: string };
  trace_metadata: { trace: number; key: string; value: string };
  spans: {
    id: Generated<number>;
    trace: number;
    span_id: string;
    parent_span_id: string | null;
    name: string;
    type: string;
    status: string;
    start_ns: bigint;
    end_ns: bigint;
    status_message: string | null;
    attributes: string;
    events: string;
    inputs: string | null;
    outputs: string | null;
  };
  assessments: {
    id: Generated<number>;
    assessment_id: string;
    trace: number;
    span_id: string | null;
    name: string;
    kind: "feedback" | "expectation";
    /** JSON; null where an error stands in its place. */
    value: string | null;
    /** The value of a number, 1 or 0 of a boolean. */
    number: number | null;
    /** The value as a text. */
    label: string | null;
    error: string | null;
    source_type: string;
    source_id: string | null;
    run: number | null;
    rationale: string | null;
    metadata: string;
    overrides: string | null;
    /** 0 once another one overrides it. */
    valid: number;
    creation_time: number;
    last_update_time: number;
  };
  /** Assessments in force and the scores of evaluations, as one list. */
  trace_assessments: {
    assessment_id: string;
    trace: number;
    span_id: string | null;
    name: string;
    kind: "feedback" | "expectation";
    number: number | null;
    label: string | null;
    rationale: string | null;
  };
  datasets: {
    id: Generated<number>;
    dataset_id: string;
    name: string;
    creation_time: number;
    last_update_time: number;
    created_by: string | null;
    last_updated_by: string | null;
    latest_version: Generated<number>;
    /** Who is writing the next version; empty when nobody is. */
    writer: Generated<string>;
    /** When others may take over from the writer. */
    writer_until: Generated<number>;
  };
  dataset_tags: { dataset: number; key: string; value: string };
  dataset_experiments: { dataset: number; experiment_id: number };
  dataset_versions: {
    dataset: number;
    version: number;
    digest: string;
    row_count: number;
    creation_time: number;
    created_by: string | null;
  };
  /** Texts but ids are canonical JSON. */
  dataset_records: {
    id: Generated<number>;
    dataset: number;
    ordinal: number;
    /** The first version that holds this state of the record. */
    from_version: number;
    /** The first version that does not hold it any more; null while it is current. */
    until_version: number | null;
    record_id: string;
    /** The first 52 bits of the sha256 of `inputs`: finds them by a small index. */
    input_key: number;
    row_id: string | null;
    inputs: string;
    expectations: string;
    outputs: string | null;
    context: string | null;
    metadata: string | null;
    tags: string;
    source: string | null;
    creation_time: number;
    last_update_time: number;
    created_by: string | null;
    last_updated_by: string | null;
  };
  dataset_removals: { dataset: number };
  input_datasets: {
    id: Generated<number>;
    experiment_id: number;
    name: string;
    digest: string;
    source_type: string;
    source: string;
    schema: string | null;
    profile: string | null;
  };
  run_inputs: { run: number; dataset: number };
  run_input_tags: { run: number; dataset: number; key: string; value: string };
  logged_models: {
    id: Generated<number>;
    model_id: string;
    experiment_id: number;
    name: string;
    model_type: string | null;
    status: "PENDING" | "READY" | "UPLOAD_FAILED";
    status_message: string | null;
    source_run: number | null;
    artifact_uri: string;
    lifecycle_stage: StoredStage;
    creation_time: number;
    last_update_time: number;
  };
  logged_model_params: { model: number; key: string; value: string };
  logged_model_tags: { model: number; key: string; value: string };
  logged_model_metrics: Omit<MetricColumns, "run"> & {
    model: number;
    run: number;
    /** Empty when the metric speaks of no dataset. */
    dataset_name: string;
    dataset_digest: string;
  };
  run_models: { run: number; model: number; direction: "input" | "output"; step: number };
}

export interface MetricColumns {
  run: number;
  key: string;
  /** 0 when `is_nan`. */
  value: number;
  is_nan: number;
  timestamp: number;
  step: number;
}
