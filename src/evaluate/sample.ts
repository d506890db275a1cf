import {
  answerOf,
  type JsonObject,
  type JsonValue,
  type Row,
  type ScorerInput,
  soleInput,
  type Trace,
  toJsonValue,
} from "../core/index.ts";
import { retrievedDocuments } from "../otlp/index.ts";
import type { Answered } from "./score-trial.ts";
import type { LazySignal } from "./within-deadline.ts";

/** What every scorer of a trial sees; each gets a signal and a record of its calls beside it. */
export type Sample = Omit<ScorerInput, "signal" | "recordCall" | "purpose">;

/** A copy for code of the user's: what it does to its sample must not reach the next scorer, or the store. */
export function copiedSample(sample: Sample): Sample {
  const inputs = toJsonValue(sample.inputs) as JsonObject;
  const outputs = toJsonValue(sample.outputs);
  const expectations = toJsonValue(sample.expectations) as JsonObject;
  const { context } = sample;
  return {
    ...sample,
    inputs,
    outputs,
    expectations,
    row: { ...sample.row, inputs, expectations },
    input: soleInput(inputs),
    output: answerOf(outputs),
    ...(context !== undefined && { context: toJsonValue(context) }),
    ...(sample.expected !== undefined && { expected: expectations.expected_response as JsonValue }),
  };
}

/** One scorer's own copy: plain members, because scorers take it apart or copy it. */
export function sampleFor(
  sample: Sample,
  recording: Required<Pick<ScorerInput, "recordCall" | "purpose">>,
  lazy: LazySignal,
): ScorerInput {
  return {
    ...sample,
    ...recording,
    get signal() {
      return lazy.signal;
    },
  };
}

export function toSample(
  { row, trial, trace, latencyMs, usage }: Omit<Answered, "outcome">,
  outputs: JsonValue,
): Sample {
  const context = contextOf(row, trace);
  const expected = row.expectations.expected_response;
  return {
    inputs: row.inputs,
    outputs,
    expectations: row.expectations,
    row,
    trial,
    input: soleInput(row.inputs),
    output: answerOf(outputs),
    ...(context !== undefined && { context }),
    ...(trace !== undefined && { trace }),
    ...(expected !== undefined && { expected }),
    ...(latencyMs !== undefined && { latencyMs }),
    ...(usage !== undefined && { usage }),
  };
}

/** The row's `context` column, else what the trace's retrievers returned. */
function contextOf({ context }: Row, trace: Trace | undefined): ScorerInput["context"] {
  const isGiven = context !== undefined && context !== null;
  return isGiven ? context : trace && retrievedDocuments(trace.spans);
}
