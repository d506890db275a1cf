import type { ColumnTypes } from "./column-types.ts";

/**
 * What search, traces with tags and feedback, registered datasets, dataset inputs and logged models
 * need. `traces` and `spans` are made anew, because spans now name their trace by an integer.
 */
export const fullStrength = (types: ColumnTypes) =>
  [
    runs(types),
    scores(types),
    traces(types),
    assessments(types),
    datasets(types),
    models(types),
  ].join("");

const runs = ({ id, integer, text, clustered }: ColumnTypes) => `
ALTER TABLE experiments ADD COLUMN deleted_time ${integer};
ALTER TABLE runs ADD COLUMN deleted_time ${integer};
DROP INDEX runs_by_start;
CREATE INDEX runs_in_order ON runs (experiment_id, lifecycle_stage, start_time DESC, run_id);
CREATE INDEX runs_by_time ON runs (lifecycle_stage, start_time DESC, run_id);
CREATE INDEX runs_by_status ON runs (experiment_id, lifecycle_stage, status, start_time DESC, run_id);
CREATE INDEX runs_by_name ON runs (experiment_id, lifecycle_stage, name, start_time DESC, run_id);
CREATE INDEX run_latest_metrics_by_value ON run_latest_metrics (key, is_nan, value, run);
CREATE INDEX run_metrics_by_step ON run_metrics (run, key, step);
-- Values are thousands of characters long; their beginning finds nearly all.
CREATE INDEX run_params_by_value ON run_params (key, substr(value, 1, 64), run);
CREATE INDEX run_tags_by_value ON run_tags (key, substr(value, 1, 64), run);
CREATE TABLE input_datasets (
  id ${id},
  experiment_id ${integer} NOT NULL REFERENCES experiments,
  name ${text} NOT NULL,
  digest ${text} NOT NULL,
  source_type ${text} NOT NULL,
  source ${text} NOT NULL,
  schema ${text},
  profile ${text},
  UNIQUE (experiment_id, name, digest)
);
CREATE TABLE run_inputs (
  run ${integer} NOT NULL REFERENCES runs,
  dataset ${integer} NOT NULL REFERENCES input_datasets,
  PRIMARY KEY (run, dataset)
)${clustered};
CREATE INDEX run_inputs_by_dataset ON run_inputs (dataset, run);
CREATE TABLE run_input_tags (
  run ${integer} NOT NULL REFERENCES runs,
  dataset ${integer} NOT NULL REFERENCES input_datasets,
  key ${text} NOT NULL,
  value ${text} NOT NULL,
  PRIMARY KEY (run, dataset, key)
)${clustered};
`;

// Made anew without references to scorers and calls: to check them both ways costs a third of the time
// that a score takes to write, and a scan of all scores for every scorer or call that is removed.
const scores = ({ integer, real, text, clustered }: ColumnTypes) => `
ALTER TABLE scores RENAME TO scores_1;
CREATE TABLE scores (
  result_id ${integer} NOT NULL REFERENCES results,
  scorer_id ${integer} NOT NULL,
  part ${integer} NOT NULL,
  kind ${text} NOT NULL,
  value ${real},
  label ${text},
  reason ${text},
  note ${text},
  part_name ${text},
  call_id ${integer},
  PRIMARY KEY (result_id, scorer_id, part)
)${clustered};
INSERT INTO scores (result_id, scorer_id, part, kind, value, label, reason, note, part_name, call_id)
SELECT result_id, scorer_id, part, kind, value, label, reason, note, part_name, call_id FROM scores_1;
DROP TABLE scores_1;
`;

const traces = ({ id, integer, real, text, clustered }: ColumnTypes) => `
ALTER TABLE traces RENAME TO traces_1;
ALTER TABLE spans RENAME TO spans_1;
CREATE TABLE traces (
  id ${id},
  trace_id ${text} NOT NULL UNIQUE,
  experiment_id ${integer} NOT NULL REFERENCES experiments,
  run ${integer} REFERENCES runs,
  name ${text} NOT NULL,
  state ${text} NOT NULL,
  start_time ${integer} NOT NULL,
  duration_ms ${real},
  request_preview ${text},
  response_preview ${text},
  client_request_id ${text},
  input_tokens ${integer},
  output_tokens ${integer},
  cost ${real}
);
INSERT INTO traces (trace_id, experiment_id, run, name, state, start_time, duration_ms,
  request_preview, response_preview, input_tokens, output_tokens, cost)
SELECT trace_id, experiment_id, run, name, state, start_time, duration_ms,
  request_preview, response_preview, input_tokens, output_tokens, cost
FROM traces_1 ORDER BY start_time;
CREATE TABLE spans (
  id ${id},
  trace ${integer} NOT NULL REFERENCES traces,
  span_id ${text} NOT NULL,
  parent_span_id ${text},
  name ${text} NOT NULL,
  type ${text} NOT NULL,
  status ${text} NOT NULL,
  start_ns ${integer} NOT NULL,
  end_ns ${integer} NOT NULL,
  status_message ${text},
  attributes ${text} NOT NULL,
  events ${text} NOT NULL,
  inputs ${text},
  outputs ${text},
  UNIQUE (trace, span_id)
);
INSERT INTO spans (trace, span_id, parent_span_id, name, type, status, start_ns, end_ns,
  status_message, attributes, events, inputs, outputs)
SELECT traces.id, span_id, parent_span_id, spans_1.name, type, status, start_ns, end_ns,
  status_message, attributes, events, inputs, outputs
FROM spans_1 JOIN traces ON traces.trace_id = spans_1.trace_id ORDER BY traces.id, start_ns;
DROP TABLE spans_1;
DROP TABLE traces_1;
CREATE INDEX traces_in_order ON traces (experiment_id, start_time DESC, trace_id);
CREATE INDEX traces_by_time ON traces (start_time DESC, trace_id);
CREATE INDEX traces_by_state ON traces (experiment_id, state, start_time DESC, trace_id);
CREATE INDEX traces_by_client_request ON traces (client_request_id)
WHERE client_request_id IS NOT NULL;
CREATE INDEX traces_by_run ON traces (run) WHERE run IS NOT NULL;
CREATE INDEX spans_by_name ON spans (name, trace);
CREATE INDEX spans_by_status ON spans (status, type, trace);
CREATE INDEX scorers_by_key ON scorers (key, run);
CREATE INDEX results_by_trace ON results (trace_id) WHERE trace_id IS NOT NULL;
CREATE TABLE trace_tags (
  trace ${integer} NOT NULL REFERENCES traces, key ${text} NOT NULL, value ${text} NOT NULL,
  PRIMARY KEY (trace, key)
)${clustered};
CREATE INDEX trace_tags_by_value ON trace_tags (key, substr(value, 1, 64), trace);
CREATE TABLE trace_metadata (
  trace ${integer} NOT NULL REFERENCES traces, key ${text} NOT NULL, value ${text} NOT NULL,
  PRIMARY KEY (trace, key)
)${clustered};
CREATE INDEX trace_metadata_by_value ON trace_metadata (key, substr(value, 1, 64), trace);
`;

const assessments = ({ id, integer, real, text }: ColumnTypes) => `
CREATE TABLE assessments (
  id ${id},
  assessment_id ${text} NOT NULL UNIQUE,
  trace ${integer} NOT NULL REFERENCES traces,
  span_id ${text},
  name ${text} NOT NULL,
  kind ${text} NOT NULL,
  value ${text},
  number ${real},
  label ${text},
  error ${text},
  source_type ${text} NOT NULL,
  source_id ${text},
  run ${integer} REFERENCES runs,
  rationale ${text},
  metadata ${text} NOT NULL,
  overrides ${text},
  valid ${integer} NOT NULL,
  creation_time ${integer} NOT NULL,
  last_update_time ${integer} NOT NULL
);
CREATE INDEX assessments_by_trace ON assessments (trace, name);
CREATE INDEX assessments_by_name ON assessments (name, number, trace);
CREATE INDEX assessments_by_run ON assessments (run) WHERE run IS NOT NULL;
-- What people, code and judges said of traces, and the scores of evaluations: one list to search.
-- number is the value of numbers, and 1 or 0 of booleans; label is its text.
CREATE VIEW trace_assessments AS
SELECT assessment_id, trace, span_id, name, kind, number, label, rationale
FROM assessments WHERE valid = 1
UNION ALL
SELECT 's-' || results.id || '-' || scorers.id, traces.id, NULL, scorers.key, 'feedback', scores.value,
  CASE scores.kind WHEN 's' THEN scores.label
    WHEN 'b' THEN CASE scores.value WHEN 1 THEN 'true' ELSE 'false' END
    ELSE CAST(scores.value AS TEXT) END,
  scores.note
FROM scores
JOIN scorers ON scorers.id = scores.scorer_id
JOIN results ON results.id = scores.result_id
JOIN traces ON traces.trace_id = results.trace_id
WHERE scores.part = 0 AND scores.kind <> 'u' AND results.trace_id IS NOT NULL;
`;

const datasets = ({ neverReusedId, id, integer, text, clustered }: ColumnTypes) => `
CREATE TABLE datasets (
  id ${neverReusedId},
  dataset_id ${text} NOT NULL UNIQUE,
  name ${text} NOT NULL UNIQUE,
  creation_time ${integer} NOT NULL,
  last_update_time ${integer} NOT NULL,
  created_by ${text},
  last_updated_by ${text},
  latest_version ${integer} NOT NULL DEFAULT 0,
  -- Who is writing the next version, and until when nobody else may; empty when nobody is.
  writer ${text} NOT NULL DEFAULT '',
  writer_until ${integer} NOT NULL DEFAULT 0
);
CREATE INDEX datasets_in_order ON datasets (creation_time DESC, dataset_id);
CREATE TABLE dataset_tags (
  dataset ${integer} NOT NULL REFERENCES datasets, key ${text} NOT NULL, value ${text} NOT NULL,
  PRIMARY KEY (dataset, key)
)${clustered};
CREATE TABLE dataset_experiments (
  dataset ${integer} NOT NULL REFERENCES datasets,
  experiment_id ${integer} NOT NULL REFERENCES experiments,
  PRIMARY KEY (dataset, experiment_id)
)${clustered};
CREATE TABLE dataset_versions (
  dataset ${integer} NOT NULL REFERENCES datasets,
  version ${integer} NOT NULL,
  digest ${text} NOT NULL,
  row_count ${integer} NOT NULL,
  creation_time ${integer} NOT NULL,
  created_by ${text},
  PRIMARY KEY (dataset, version)
)${clustered};
-- One line per state of a record: version v holds the lines with from_version <= v < until_version.
-- Lines of the next version are there before it is: readers name a version and do not see them. They do
-- not refer to datasets, because a deleted one is gone before its many lines are.
CREATE TABLE dataset_records (
  id ${id},
  dataset ${integer} NOT NULL,
  ordinal ${integer} NOT NULL,
  from_version ${integer} NOT NULL,
  until_version ${integer},
  record_id ${text} NOT NULL,
  input_key ${integer} NOT NULL,
  row_id ${text},
  inputs ${text} NOT NULL,
  expectations ${text} NOT NULL,
  outputs ${text},
  context ${text},
  metadata ${text},
  tags ${text} NOT NULL,
  source ${text},
  creation_time ${integer} NOT NULL,
  last_update_time ${integer} NOT NULL,
  created_by ${text},
  last_updated_by ${text},
  UNIQUE (dataset, ordinal, from_version)
);
CREATE INDEX dataset_records_by_inputs ON dataset_records (dataset, input_key)
WHERE until_version IS NULL;
CREATE UNIQUE INDEX dataset_records_by_row_id ON dataset_records (dataset, row_id)
WHERE until_version IS NULL AND row_id IS NOT NULL;
CREATE UNIQUE INDEX dataset_records_by_record_id ON dataset_records (dataset, record_id)
WHERE until_version IS NULL;
-- Deleted datasets whose records are still being removed.
CREATE TABLE dataset_removals (dataset ${integer} PRIMARY KEY);
`;

const models = ({ id, integer, real, text, clustered }: ColumnTypes) => `
CREATE TABLE logged_models (
  id ${id},
  model_id ${text} NOT NULL UNIQUE,
  experiment_id ${integer} NOT NULL REFERENCES experiments,
  name ${text} NOT NULL,
  model_type ${text},
  status ${text} NOT NULL,
  status_message ${text},
  source_run ${integer} REFERENCES runs,
  artifact_uri ${text} NOT NULL,
  lifecycle_stage ${text} NOT NULL,
  creation_time ${integer} NOT NULL,
  last_update_time ${integer} NOT NULL
);
CREATE INDEX logged_models_by_run ON logged_models (source_run) WHERE source_run IS NOT NULL;
CREATE INDEX logged_models_in_order
ON logged_models (experiment_id, lifecycle_stage, creation_time DESC, model_id);
CREATE TABLE logged_model_params (
  model ${integer} NOT NULL REFERENCES logged_models, key ${text} NOT NULL, value ${text} NOT NULL,
  PRIMARY KEY (model, key)
)${clustered};
CREATE TABLE logged_model_tags (
  model ${integer} NOT NULL REFERENCES logged_models, key ${text} NOT NULL, value ${text} NOT NULL,
  PRIMARY KEY (model, key)
)${clustered};
CREATE TABLE logged_model_metrics (
  model ${integer} NOT NULL REFERENCES logged_models,
  key ${text} NOT NULL,
  value ${real} NOT NULL,
  is_nan ${integer} NOT NULL,
  timestamp ${integer} NOT NULL,
  step ${integer} NOT NULL,
  run ${integer} NOT NULL REFERENCES runs,
  dataset_name ${text} NOT NULL,
  dataset_digest ${text} NOT NULL,
  PRIMARY KEY (model, key, dataset_name, dataset_digest, step, timestamp, value, is_nan, run)
)${clustered};
CREATE INDEX logged_model_metrics_by_run ON logged_model_metrics (run);
CREATE TABLE run_models (
  run ${integer} NOT NULL REFERENCES runs,
  model ${integer} NOT NULL REFERENCES logged_models,
  direction ${text} NOT NULL,
  step ${integer} NOT NULL,
  PRIMARY KEY (run, model, direction)
)${clustered};
`;
