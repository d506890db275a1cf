import {
  describeError,
  isAssayError,
  type JsonObject,
  type JsonValue,
  type JudgeCall,
  type RetrievedDocument,
  type Row,
  redactJson,
  redactText,
  type Score,
  type Scorer,
  type ScorerInput,
  scorerKey,
  soleInput,
  type Trace,
  type Usage,
} from "../core/index.ts";
import { retrievedDocuments, toDocuments } from "../otlp/index.ts";
import type { TrackingStore } from "../store/index.ts";
import {
  discardTraces,
  type LiveSpan,
  storeDestination,
  withDestination,
  withSpan,
} from "../tracing/index.ts";
import type { Plan } from "./plan.ts";
import type { Predictor } from "./predictor.ts";
import { scorerFailure, toScores, unscored } from "./to-scores.ts";

export interface TrialContext {
  readonly plan: Plan;
  readonly store: TrackingStore;
  readonly runId: string;
  readonly experimentId: string;
}

interface Prediction {
  readonly outcome: { readonly outputs: JsonValue } | { readonly error: string };
  readonly latencyMs?: number;
  readonly trace?: Trace;
}

/** Predicts, commits, scores and commits again; resolves to whether the model answered. */
export async function runTrial(context: TrialContext, row: Row, trial: number): Promise<boolean> {
  const { plan, store, runId } = context;
  const mask = plan.options.redact === "off" ? (value: JsonValue) => value : redactJson;
  const prediction = await predict(context, row, trial);
  const { outcome, trace } = prediction;
  const usage: Usage | undefined = trace?.info.usage;
  const resultId = await store.results.commitResult(runId, {
    rowKey: row.rowKey,
    ordinal: row.ordinal,
    trial,
    inputs: mask(row.inputs) as JsonObject,
    expectations: mask(row.expectations) as JsonObject,
    outcome: "outputs" in outcome ? { outputs: mask(outcome.outputs) } : outcome,
    ...(prediction.latencyMs !== undefined && { latencyMs: prediction.latencyMs }),
    ...(usage !== undefined && { usage }),
    ...(trace !== undefined && { traceId: trace.info.traceId }),
  });
  await Promise.all(
    plan.scorers.map(async (scorer) => {
      const { scores, calls } = await score(scorer, row, trial, prediction);
      await store.results.commitScore(runId, {
        resultId,
        scorer: scorerKey(scorer.scorer),
        scores: plan.options.redact === "off" ? scores : scores.map(maskScore),
        calls: calls.map((call) => ({ ...call, reply: mask(call.reply) as string })),
      });
    }),
  );
  return "outputs" in outcome;
}

async function predict(context: TrialContext, row: Row, trial: number): Promise<Prediction> {
  const { plan, store, runId, experimentId } = context;
  if (plan.predictor === undefined) return { outcome: staticOutcome(row) };
  const predictor = plan.predictor;
  const sink = storeDestination(
    store.traces,
    { experimentId, runId },
    plan.options.redact ?? "secrets",
  );
  const received = Promise.withResolvers<Trace>();
  const destination = {
    ...sink,
    receive: (trace: Trace) => {
      received.resolve(trace);
      return sink.receive(trace);
    },
  };
  const started = performance.now();
  const tracing = { isRecorded: false };
  const outcome = await withDestination(destination, () =>
    withSpan(
      async (span) => {
        tracing.isRecorded = isRecorded(span);
        return answer(predictor, row, trial, plan.options);
      },
      { name: plan.name, type: "CHAIN", inputs: row.inputs, root: true },
    ),
  ).then(
    (outputs) => ({ outputs }),
    (error: unknown) => {
      // A rejected key or a missing SDK would fail every other row as well.
      if (isAssayError(error, "configuration")) throw error;
      return { error: redactText(describeError(error)) };
    },
  );
  const latencyMs = performance.now() - started;
  return { outcome, latencyMs, ...(tracing.isRecorded && { trace: await received.promise }) };
}

/** Tracing may be suppressed around the evaluation; such a span has an all-zero trace id and is never exported. */
function isRecorded(span: LiveSpan): boolean {
  return !/^0*$/.test(span.traceId);
}

async function answer(
  predictor: Predictor,
  row: Row,
  trial: number,
  { timeoutMs }: Plan["options"],
): Promise<JsonValue> {
  if (timeoutMs === undefined) {
    return predictor.predict(row, { row, trial, signal: new AbortController().signal });
  }
  const controller = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new Error(`no answer within ${timeoutMs} ms`);
    error.name = "TimeoutError";
    controller.abort(error);
    late.reject(error);
  }, timeoutMs);
  try {
    const { signal } = controller;
    return await Promise.race([predictor.predict(row, { row, trial, signal }), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function staticOutcome(row: Row): Prediction["outcome"] {
  return row.outputs === undefined ? { error: "the row has no outputs" } : { outputs: row.outputs };
}

async function score(
  scorer: Scorer,
  row: Row,
  trial: number,
  { outcome, trace }: Prediction,
): Promise<{ scores: Score[]; calls: JudgeCall[] }> {
  const calls: JudgeCall[] = [];
  if ("error" in outcome) return { scores: [unscored("model-failed", outcome.error)], calls };
  const sample = toSample(row, trial, outcome.outputs, trace, (call) => calls.push(call));
  try {
    // A judge's own calls are not part of the application's trace.
    const output = await discardTraces(async () => scorer(sample));
    return { scores: toScores(output, scorer.scorer), calls };
  } catch (error) {
    if (isAssayError(error, "configuration")) throw error;
    return { scores: [scorerFailure(error)], calls };
  }
}

function toSample(
  row: Row,
  trial: number,
  outputs: JsonValue,
  trace: Trace | undefined,
  recordCall: (call: JudgeCall) => void,
): ScorerInput {
  const context = contextOf(row, trace);
  const expected = row.expectations.expected_response;
  return {
    inputs: row.inputs,
    outputs,
    expectations: row.expectations,
    ...(context !== undefined && { context }),
    ...(trace !== undefined && { trace }),
    row,
    trial,
    input: soleInput(row.inputs),
    output: outputs,
    ...(expected !== undefined && { expected }),
    recordCall,
  };
}

/** The row's `context` column, else what the trace's retrievers returned. */
function contextOf(
  row: Row,
  trace: Trace | undefined,
): string | readonly RetrievedDocument[] | undefined {
  if (row.context === undefined || row.context === null) {
    return trace && retrievedDocuments(trace.spans);
  }
  return typeof row.context === "string" ? row.context : toDocuments(row.context);
}

function maskScore(score: Score): Score {
  return score.kind === "unscored"
    ? { ...score, detail: redactText(score.detail) }
    : {
        ...score,
        ...(score.rationale !== undefined && { rationale: redactText(score.rationale) }),
      };
}
