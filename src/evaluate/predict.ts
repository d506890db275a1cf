import {
  AssayError,
  describeError,
  isAssayError,
  type Row,
  type Trace,
  withoutAbsent,
} from "../core/index.ts";
import type { TrackingStore } from "../store/index.ts";
import { storeDestination, withDestination, withSpan } from "../tracing/index.ts";
import type { ModelContext } from "./options.ts";
import type { Plan } from "./plan.ts";
import type { CommittedTrials } from "./resume-run.ts";
import type { Answered } from "./score-trial.ts";
import type { Spending } from "./spending.ts";
import { type Deadline, type LazySignal, withinDeadline } from "./within-deadline.ts";

export interface TrialContext {
  readonly plan: Plan;
  readonly store: TrackingStore;
  readonly runId: string;
  readonly experimentId: string;
  readonly spending: Spending;
  /** What an earlier process has done of the run. */
  readonly committed?: CommittedTrials;
  /** The order in which rows are taken, where this process has planned them. */
  readonly order?: readonly number[];
  /** Whether other processes may work on the same run. */
  readonly isShared?: boolean;
}

/** Asks the model, in a trace of its own; for a static dataset, what the row brought along. */
export async function predict(context: TrialContext, row: Row, trial: number): Promise<Answered> {
  const { plan, runId } = context;
  const { predictor } = plan;
  if (predictor === undefined) return staticAnswer(context, row, trial);
  const { destination, received } = tappedDestination(context);
  const tracing = { isRecorded: false };
  let clock: LazySignal | undefined;
  const outcome = await withDestination(destination, () =>
    withSpan(
      async (span) => {
        // A sampler or suppressed tracing drops the span, and then nothing is ever received.
        tracing.isRecorded = span.isRecording;
        const given = await withinDeadline(deadlineOf(plan), (lazy) => {
          clock = lazy;
          const purpose = `${runId}/${row.ordinal}/${trial}`;
          return predictor.predict(row, modelContext(row, trial, lazy), purpose);
        });
        span.setOutputs(given.outputs);
        return given;
      },
      { name: plan.name, type: "CHAIN", inputs: row.inputs, root: true },
    ),
  ).catch((error: unknown) => {
    rethrowIfGeneral(error, plan.options.signal);
    return { error: describeError(error) };
  });
  const latencyMs = clock?.elapsedMs;
  const trace = tracing.isRecorded ? await received : undefined;
  if (trace !== undefined) plan.remarks.look(trace.spans);
  const own = "outputs" in outcome ? outcome.usage : undefined;
  // Spans tell of every call that a chain made, the model's own answer of what spans do not hold.
  const usage = trace?.info.usage === undefined ? own : { ...own, ...trace.info.usage };
  context.spending.add(usage);
  if ("outputs" in outcome && outcome.isCached) context.spending.hit(outcome.saved);
  return withoutAbsent<Answered>({
    row,
    trial,
    outcome: "outputs" in outcome ? { outputs: outcome.outputs } : outcome,
    latencyMs,
    usage,
    trace,
  });
}

/** Most functions look at their inputs alone. */
function modelContext(row: Row, trial: number, lazy: LazySignal): ModelContext {
  return {
    row,
    trial,
    get signal() {
      return lazy.signal;
    },
  };
}

/** A stored trace says what its model took and used, which this run has not paid for. */
async function staticAnswer({ store }: TrialContext, row: Row, trial: number): Promise<Answered> {
  const trace = row.traceId === undefined ? undefined : await store.traces.getTrace(row.traceId);
  return withoutAbsent<Answered>({ row, trial, outcome: staticOutcome(row), trace });
}

/** Traces into the store, and the first of them to the scorers as well. */
function tappedDestination({ store, runId, experimentId }: TrialContext) {
  const sink = storeDestination(store, { experimentId, runId });
  const { promise, resolve } = Promise.withResolvers<Trace | undefined>();
  const destination = {
    ...sink,
    tellsOfItsStore: true,
    receive: (trace: Trace) => {
      resolve(trace);
      return sink.receive(trace);
    },
    // The row goes on without it.
    lost: () => resolve(undefined),
  };
  return { destination, received: promise };
}

/**
 * Throws on what would fail every other row as well: a missing SDK or key, or a key that the provider
 * rejects, also when the model is the user's own code around an SDK.
 */
function rethrowIfGeneral(error: unknown, stop: AbortSignal | undefined): void {
  if (isAssayError(error, "configuration") || wasGivenUp(error, stop)) throw error;
  if (statusOf(error) === 401) {
    throw new AssayError(
      "configuration",
      "The model's provider rejected the key (HTTP 401); check the key in the environment, e.g. OPENAI_API_KEY or ANTHROPIC_API_KEY",
      { cause: error },
    );
  }
}

function statusOf(error: unknown): unknown {
  try {
    return error instanceof Error && "status" in error ? error.status : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a row was left unfinished because the evaluation stops; it is then missing, not failed. */
export function wasGivenUp(error: unknown, stop: AbortSignal | undefined): boolean {
  return stop?.aborted === true && isAssayError(error, "cancelled");
}

export function deadlineOf({ options }: Plan): Deadline {
  return { timeoutMs: options.timeoutMs, stop: options.signal, graceMs: options.graceMs };
}

export function staticOutcome(row: Row): Answered["outcome"] {
  return row.outputs === undefined ? { error: "the row has no outputs" } : { outputs: row.outputs };
}
