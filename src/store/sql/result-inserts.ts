import type { Kysely } from "kysely";
import { insertStatement } from "./insert-statement.ts";
import type { Schema } from "./schema.ts";

export type ResultInserts = ReturnType<typeof compileInserts>;

/** The statements that write results, scores and judges' calls. */
export function compileInserts(database: Kysely<Schema>) {
  const usage = ["input_tokens", "output_tokens", "cost"] as const;
  return {
    result: insertStatement(database, "results", [
      "run",
      "ordinal",
      "trial",
      "row_key",
      "inputs",
      "expectations",
      "outputs",
      "error",
      "latency_ms",
      "trace_id",
      ...usage,
    ]),
    score: insertStatement(database, "scores", [
      "result_id",
      "scorer_id",
      "part",
      "kind",
      "value",
      "label",
      "reason",
      "note",
      "part_name",
      "call_id",
    ]),
    call: insertStatement(database, "calls", [
      "run",
      "model",
      "answered_by",
      "reply",
      "latency_ms",
      ...usage,
    ]),
  };
}
