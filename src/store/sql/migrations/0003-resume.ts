import type { ColumnTypes } from "./column-types.ts";

/** Who works on an evaluation, rows that several workers share, and answers of models to be used again. */
export const resume = ({ integer, text, clustered }: ColumnTypes) => `
ALTER TABLE evaluations ADD COLUMN worker ${text};
ALTER TABLE evaluations ADD COLUMN lease_until ${integer};
ALTER TABLE evaluations ADD COLUMN chunks ${integer};
CREATE TABLE run_rows (
  run ${integer} NOT NULL REFERENCES runs,
  ordinal ${integer} NOT NULL,
  data ${text} NOT NULL,
  PRIMARY KEY (run, ordinal)
)${clustered};
CREATE TABLE run_chunks (
  run ${integer} NOT NULL REFERENCES runs,
  chunk ${integer} NOT NULL,
  ordinals ${text} NOT NULL,
  worker ${text},
  lease_until ${integer},
  PRIMARY KEY (run, chunk)
)${clustered};
CREATE TABLE cached_responses (
  key ${text} PRIMARY KEY,
  response ${text} NOT NULL,
  created_time ${integer} NOT NULL
);
CREATE INDEX cached_responses_by_time ON cached_responses (created_time);
`;
