/** The first schema. Published migrations never change; a new need is a new file. */
export const initial = `
CREATE TABLE experiments (
  experiment_id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  artifact_location TEXT NOT NULL,
  lifecycle_stage TEXT NOT NULL,
  creation_time INTEGER NOT NULL,
  last_update_time INTEGER NOT NULL
);
CREATE TABLE experiment_tags (
  experiment_id INTEGER NOT NULL REFERENCES experiments,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (experiment_id, key)
) WITHOUT ROWID;
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  experiment_id INTEGER NOT NULL REFERENCES experiments,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  start_time INTEGER NOT NULL,
  end_time INTEGER,
  artifact_uri TEXT NOT NULL,
  lifecycle_stage TEXT NOT NULL
);
CREATE INDEX runs_by_start ON runs (experiment_id, start_time);
CREATE TABLE run_params (
  run INTEGER NOT NULL REFERENCES runs, key TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (run, key)
) WITHOUT ROWID;
CREATE TABLE run_tags (
  run INTEGER NOT NULL REFERENCES runs, key TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (run, key)
) WITHOUT ROWID;
CREATE TABLE run_metrics (
  run INTEGER NOT NULL REFERENCES runs, key TEXT NOT NULL, value REAL NOT NULL,
  is_nan INTEGER NOT NULL, timestamp INTEGER NOT NULL, step INTEGER NOT NULL,
  PRIMARY KEY (run, key, timestamp, step, value, is_nan)
) WITHOUT ROWID;
CREATE TABLE run_latest_metrics (
  run INTEGER NOT NULL REFERENCES runs, key TEXT NOT NULL, value REAL NOT NULL,
  is_nan INTEGER NOT NULL, timestamp INTEGER NOT NULL, step INTEGER NOT NULL,
  PRIMARY KEY (run, key)
) WITHOUT ROWID;
CREATE TABLE evaluations (
  run INTEGER PRIMARY KEY REFERENCES runs,
  plan TEXT NOT NULL,
  planned_rows INTEGER,
  status TEXT NOT NULL,
  outcome TEXT
);
CREATE TABLE scorers (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs,
  key TEXT NOT NULL,
  greater_is_better INTEGER NOT NULL,
  UNIQUE (run, key)
);
CREATE TABLE results (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs,
  ordinal INTEGER NOT NULL,
  trial INTEGER NOT NULL,
  row_key TEXT NOT NULL,
  inputs TEXT NOT NULL,
  expectations TEXT NOT NULL,
  outputs TEXT,
  error TEXT,
  latency_ms REAL,
  input_tokens INTEGER,
  output_tokens INTEGER,
  cost REAL,
  trace_id TEXT,
  CHECK ((outputs IS NULL) <> (error IS NULL)),
  UNIQUE (run, ordinal, trial)
);
CREATE TABLE calls (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs,
  model TEXT NOT NULL,
  answered_by TEXT,
  reply TEXT NOT NULL,
  latency_ms REAL NOT NULL,
  input_tokens INTEGER,
  output_tokens INTEGER,
  cost REAL
);
CREATE INDEX calls_by_run ON calls (run);
CREATE TABLE scores (
  result_id INTEGER NOT NULL REFERENCES results,
  scorer_id INTEGER NOT NULL REFERENCES scorers,
  part INTEGER NOT NULL,
  kind TEXT NOT NULL,
  value REAL,
  label TEXT,
  reason TEXT,
  note TEXT,
  part_name TEXT,
  call_id INTEGER REFERENCES calls,
  PRIMARY KEY (result_id, scorer_id, part)
) WITHOUT ROWID;
CREATE TABLE traces (
  trace_id TEXT PRIMARY KEY,
  experiment_id INTEGER NOT NULL REFERENCES experiments,
  run INTEGER REFERENCES runs,
  name TEXT NOT NULL,
  state TEXT NOT NULL,
  start_time INTEGER NOT NULL,
  duration_ms REAL,
  request_preview TEXT,
  response_preview TEXT,
  input_tokens INTEGER,
  output_tokens INTEGER,
  cost REAL
);
CREATE INDEX traces_by_start ON traces (experiment_id, start_time);
CREATE INDEX traces_by_time ON traces (start_time DESC, trace_id);
CREATE INDEX traces_by_run ON traces (run) WHERE run IS NOT NULL;
CREATE TABLE spans (
  trace_id TEXT NOT NULL REFERENCES traces,
  span_id TEXT NOT NULL,
  parent_span_id TEXT,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  start_ns INTEGER NOT NULL,
  end_ns INTEGER NOT NULL,
  status TEXT NOT NULL,
  status_message TEXT,
  inputs TEXT,
  outputs TEXT,
  attributes TEXT NOT NULL,
  events TEXT NOT NULL,
  PRIMARY KEY (trace_id, span_id)
);
`;
