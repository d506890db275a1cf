import type { BulkInsert } from "../engine.ts";

const USAGE = { input_tokens: "integer", output_tokens: "integer", cost: "real" } as const;

export const RESULT_INSERT = {
  table: "results",
  columns: {
    id: "integer",
    run: "integer",
    ordinal: "integer",
    trial: "integer",
    row_key: "text",
    inputs: "text",
    expectations: "text",
    outputs: "text",
    error: "text",
    latency_ms: "real",
    ...USAGE,
    trace_id: "text",
    metadata: "text",
    tags: "text",
    other_columns: "text",
    row_group: "text",
  },
  usual: { trial: 0 },
} as const satisfies BulkInsert;

export const SCORE_INSERT = {
  table: "scores",
  columns: {
    result_id: "integer",
    scorer_id: "integer",
    part: "integer",
    kind: "text",
    value: "real",
    label: "text",
    reason: "text",
    note: "text",
    part_name: "text",
    call_id: "integer",
  },
  usual: { part: 0 },
} as const satisfies BulkInsert;

export const CALL_INSERT = {
  table: "calls",
  columns: {
    id: "integer",
    run: "integer",
    model: "text",
    answered_by: "text",
    reply: "text",
    latency_ms: "real",
    ...USAGE,
    scorer_id: "integer",
    attempts: "integer",
    error: "text",
    cached: "integer",
  },
} as const satisfies BulkInsert;
