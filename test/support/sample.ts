import {
  type JsonObject,
  type ScorerInput,
  soleInput,
  withoutAbsent,
} from "../../src/core/index.ts";

/** A result as a scorer sees it, from what a test cares about. */
export function sampleOf(given: {
  inputs?: JsonObject;
  outputs?: ScorerInput["outputs"];
  expectations?: JsonObject;
  context?: ScorerInput["context"];
  columns?: JsonObject;
  trace?: ScorerInput["trace"];
  recordCall?: ScorerInput["recordCall"];
  signal?: AbortSignal;
}): ScorerInput {
  const { inputs = {}, outputs = "", expectations = {}, columns = {} } = given;
  const row = { rowKey: "row", ordinal: 0, inputs, expectations, columns };
  return withoutAbsent<ScorerInput>({
    inputs,
    outputs,
    expectations,
    context: given.context,
    trace: given.trace,
    row,
    trial: 0,
    input: soleInput(inputs),
    output: outputs,
    expected: expectations.expected_response,
    signal: given.signal,
    recordCall: given.recordCall,
  });
}
