import { type Context, context, createContextKey } from "@opentelemetry/api";
import type { NewAssessment, Trace } from "../core/index.ts";
import { ensureContextManager } from "./context-manager.ts";
import { outsideSpans } from "./span-context.ts";
import type { TraceDetails } from "./trace-details.ts";

/** Where the traces of a part of the program go. */
export interface TraceDestination {
  readonly experimentId: string;
  readonly runId?: string;
  /** Whether it makes the previews of a trace itself, which then come without. */
  readonly makesPreviews?: boolean;
  /** Whether whoever asked for the traces writes to the same store, and fails with one error when that is away. */
  readonly tellsOfItsStore?: boolean;
  /**
   * Receives a trace when its outermost span has ended, and again, with the late spans alone, for spans that
   * end after it.
   *
   * @param said - What of its info the program itself gave.
   */
  receive(trace: Trace, said?: TraceDetails): Promise<void>;
  /**
   * Receives, at a flush, what has ended so far of a trace whose outermost span has not: its state is
   * `IN_PROGRESS`. All of it comes again in {@link receive}. Without this method it waits until then.
   */
  receiveUnfinished?(trace: Trace, said?: TraceDetails): Promise<void>;
  /** A trace that was begun for it will not come: it could not be recorded. What was received may be stored all the same. */
  lost?(): void;
  /** Receives what the program says of a trace that it is in, after the trace. */
  assess?(assessment: NewAssessment): Promise<unknown>;
}

const KEY = createContextKey("assay.trace-destination");

/** Runs `work`; traces begun inside go to `destination`. */
export function withDestination<T>(destination: TraceDestination, work: () => T): T {
  ensureContextManager();
  return context.with(context.active().setValue(KEY, destination), work);
}

export function destinationOf(from: Context): TraceDestination | undefined {
  return from.getValue(KEY) as TraceDestination | undefined;
}

const NOWHERE: TraceDestination = { experimentId: "", receive: async () => undefined };

/** By the context around: thousands of trials begin in the same. */
const discarding = new WeakMap<Context, Context>();

/** Runs `work` outside any trace; traces begun inside are not kept. */
export function discardTraces<T>(work: () => T): T {
  ensureContextManager();
  const around = context.active();
  let inside = discarding.get(around);
  if (inside === undefined) {
    inside = outsideSpans(around).setValue(KEY, NOWHERE);
    discarding.set(around, inside);
  }
  return context.with(inside, work);
}

/** The way of a trace that was begun outside any {@link withDestination}. */
export interface TraceWay {
  readonly destination: Promise<TraceDestination | undefined>;
  /** Puts a trace on disk, at once, when it cannot be delivered. */
  readonly keeper?: TraceKeeper | undefined;
}

export interface TraceKeeper {
  /** Whether it is kept now. */
  keep(trace: Trace, said: TraceDetails): boolean;
  /** The same for what is said of a trace. */
  keepAssessment(assessment: NewAssessment): boolean;
  noteDropped(spans: number): void;
}

type DefaultDestination = () => TraceWay;

let fallback: DefaultDestination | undefined;

/**
 * Set once by the tracking client: the active run and experiment of the current tracking store.
 *
 * @param given - Asked when such a trace begins.
 */
export function setDefaultDestination(given: DefaultDestination): void {
  fallback = given;
}

export function defaultWay(): TraceWay {
  return fallback?.() ?? { destination: Promise.resolve(undefined) };
}
