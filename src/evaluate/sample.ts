import {
  type JsonValue,
  type JudgeCall,
  type Row,
  type ScorerInput,
  soleInput,
  type Trace,
  withoutAbsent,
} from "../core/index.ts";
import { retrievedDocuments } from "../otlp/index.ts";

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
function contextOf({ context }: Row, trace: Trace | undefined): ScorerInput["context"] {
  const isGiven = context !== undefined && context !== null;
  return isGiven ? context : trace && retrievedDocuments(trace.spans);
}
