import {
  type JsonValue,
  type JudgeCall,
  type RetrievedDocument,
  type Row,
  type ScorerInput,
  soleInput,
  type Trace,
  withoutAbsent,
} from "../core/index.ts";
import { retrievedDocuments, toDocuments } from "../otlp/index.ts";

/** What scorers see of a trial that the model answered. */
export function toSample(
  row: Row,
  trial: number,
  outputs: JsonValue,
  trace: Trace | undefined,
  recordCall: (call: JudgeCall) => void,
): Omit<ScorerInput, "signal"> {
  return withoutAbsent<Omit<ScorerInput, "signal">>({
    inputs: row.inputs,
    outputs,
    expectations: row.expectations,
    context: contextOf(row, trace),
    trace,
    row,
    trial,
    input: soleInput(row.inputs),
    output: outputs,
    expected: row.expectations.expected_response,
    recordCall,
  });
}

/** The row's `context` column, else what the trace's retrievers returned. */
function contextOf(
  { context }: Row,
  trace: Trace | undefined,
): string | readonly RetrievedDocument[] | undefined {
  if (context === undefined || context === null) return trace && retrievedDocuments(trace.spans);
  if (typeof context === "string") return context;
  const documents = toDocuments(context);
  const isEmptyList = Array.isArray(context) && context.length === 0;
  // Of a shape that no library gives: better shown as it is than as nothing.
  return documents.length > 0 || isEmptyList ? documents : JSON.stringify(context);
}
