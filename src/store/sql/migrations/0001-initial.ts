import type { ColumnTypes } from "./column-types.ts";

/** The first schema. Published migrations never change; a new need is a new file. */
export const initial = (types: ColumnTypes) => `
CREATE TABLE experiments (
  experiment_id ${types.neverReusedId},
  name ${types.text} NOT NULL UNIQUE,
  artifact_location ${types.text} NOT NULL,
  lifecycle_stage ${types.text} NOT NULL,
  creation_time ${types.integer} NOT NULL,
  last_update_time ${types.integer} NOT NULL
);
CREATE TABLE experiment_tags (
  experiment_id ${types.integer} NOT NULL REFERENCES experiments,
  key ${types.text} NOT NULL,
  value ${types.text} NOT NULL,
  PRIMARY KEY (experiment_id, key)
)${types.clustered};
CREATE TABLE runs (
  id ${types.id},
  run_id ${types.text} NOT NULL UNIQUE,
  experiment_id ${types.integer} NOT NULL REFERENCES experiments,
  name ${types.text} NOT NULL,
  status ${types.text} NOT NULL,
  start_time ${types.integer} NOT NULL,
  end_time ${types.integer},
  artifact_uri ${types.text} NOT NULL,
  lifecycle_stage ${types.text} NOT NULL
);
CREATE INDEX runs_by_start ON runs (experiment_id, start_time);
CREATE TABLE run_params (
  run ${types.integer} NOT NULL REFERENCES runs, key ${types.text} NOT NULL, value ${types.text} NOT NULL,
  PRIMARY KEY (run, key)
)${types.clustered};
CREATE TABLE run_tags (
  run ${types.integer} NOT NULL REFERENCES runs, key ${types.text} NOT NULL, value ${types.text} NOT NULL,
  PRIMARY KEY (run, key)
)${types.clustered};
CREATE TABLE run_metrics (
  run ${types.integer} NOT NULL REFERENCES runs, key ${types.text} NOT NULL, value ${types.real} NOT NULL,
  is_nan ${types.integer} NOT NULL, timestamp ${types.integer} NOT NULL, step ${types.integer} NOT NULL,
  PRIMARY KEY (run, key, timestamp, step, value, is_nan)
)${types.clustered};
CREATE TABLE run_latest_metrics (
  run ${types.integer} NOT NULL REFERENCES runs, key ${types.text} NOT NULL, value ${types.real} NOT NULL,
  is_nan ${types.integer} NOT NULL, timestamp ${types.integer} NOT NULL, step ${types.integer} NOT NULL,
  PRIMARY KEY (run, key)
)${types.clustered};
CREATE TABLE evaluations (
  run ${types.integer} PRIMARY KEY REFERENCES runs,
  plan ${types.text} NOT NULL,
  planned_rows ${types.integer},
  status ${types.text} NOT NULL,
  outcome ${types.text}
);
CREATE TABLE scorers (
  id ${types.id},
  run ${types.integer} NOT NULL REFERENCES runs,
  key ${types.text} NOT NULL,
  greater_is_better ${types.integer} NOT NULL,
  UNIQUE (run, key)
);
CREATE TABLE results (
  id ${types.id},
  run ${types.integer} NOT NULL REFERENCES runs,
  ordinal ${types.integer} NOT NULL,
  trial ${types.integer} NOT NULL,
  row_key ${types.text} NOT NULL,
  inputs ${types.text} NOT NULL,
  expectations ${types.text} NOT NULL,
  outputs ${types.text},
  error ${types.text},
  latency_ms ${types.real},
  input_tokens ${types.integer},
  output_tokens ${types.integer},
  cost ${types.real},
  trace_id ${types.text},
  CHECK ((outputs IS NULL) <> (error IS NULL)),
  UNIQUE (run, ordinal, trial)
);
CREATE TABLE calls (
  id ${types.id},
  run ${types.integer} NOT NULL REFERENCES runs,
  model ${types.text} NOT NULL,
  answered_by ${types.text},
  reply ${types.text} NOT NULL,
  latency_ms ${types.real} NOT NULL,
  input_tokens ${types.integer},
  output_tokens ${types.integer},
  cost ${types.real}
);
CREATE INDEX calls_by_run ON calls (run);
CREATE TABLE scores (
  result_id ${types.integer} NOT NULL REFERENCES results,
  scorer_id ${types.integer} NOT NULL REFERENCES scorers,
  part ${types.integer} NOT NULL,
  kind ${types.text} NOT NULL,
  value ${types.real},
  label ${types.text},
  reason ${types.text},
  note ${types.text},
  part_name ${types.text},
  call_id ${types.integer} REFERENCES calls,
  PRIMARY KEY (result_id, scorer_id, part)
)${types.clustered};
CREATE TABLE traces (
  trace_id ${types.text} PRIMARY KEY,
  experiment_id ${types.integer} NOT NULL REFERENCES experiments,
  run ${types.integer} REFERENCES runs,
  name ${types.text} NOT NULL,
  state ${types.text} NOT NULL,
  start_time ${types.integer} NOT NULL,
  duration_ms ${types.real},
  request_preview ${types.text},
  response_preview ${types.text},
  input_tokens ${types.integer},
  output_tokens ${types.integer},
  cost ${types.real}
);
CREATE INDEX traces_by_start ON traces (experiment_id, start_time);
CREATE INDEX traces_by_time ON traces (start_time DESC, trace_id);
CREATE INDEX traces_by_run ON traces (run) WHERE run IS NOT NULL;
CREATE TABLE spans (
  trace_id ${types.text} NOT NULL REFERENCES traces,
  span_id ${types.text} NOT NULL,
  parent_span_id ${types.text},
  name ${types.text} NOT NULL,
  type ${types.text} NOT NULL,
  start_ns ${types.integer} NOT NULL,
  end_ns ${types.integer} NOT NULL,
  status ${types.text} NOT NULL,
  status_message ${types.text},
  inputs ${types.text},
  outputs ${types.text},
  attributes ${types.text} NOT NULL,
  events ${types.text} NOT NULL,
  PRIMARY KEY (trace_id, span_id)
);
`;
