import { type Context, SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { describeError, isAssayError, type NewAssessment, type Trace } from "../core/index.ts";
import { assembleUnfinished } from "./assemble-trace.ts";
import { atExit } from "./at-exit.ts";
import {
  defaultWay,
  destinationOf,
  type TraceDestination,
  type TraceKeeper,
} from "./destination.ts";
import { charactersOf, type Pending, PendingTraces, type TraceCounts } from "./pending.ts";
import { tracingSettings, warnOfTracing } from "./settings.ts";
import { toSpan } from "./to-span.ts";
import { type TraceDetails, type TraceUpdate, withUpdate } from "./trace-details.ts";
import { TraceParts } from "./trace-parts.ts";
import { Turns } from "./turns.ts";

interface OpenTrace {
  /** The outermost local span, which is still written to until it ends. */
  readonly outermost: ReadableSpan;
  readonly destination: Promise<TraceDestination | undefined>;
  /** What goes to a destination that was asked for is not sampled. */
  readonly isAskedFor: boolean;
  readonly keeper: TraceKeeper | undefined;
  /** Ids of the spans begun and not handed over yet, in the order in which they began. */
  readonly begun: Set<string>;
  root?: ReadableSpan;
  /** Ended and not handed over yet, by id. */
  readonly ended: Map<string, ReadableSpan>;
  /** How many of `ended` the last flush has shown. */
  shown: number;
  details: TraceDetails;
  /** What was said of it and is not handed over yet. */
  assessments: NewAssessment[];
  /** Known once its outermost span has ended. */
  isSampled?: boolean;
}

/** Traces that are open at a time; of more the one that began first is given up. */
const MOST_OPEN = 10_000;

const SAME_WARNING_MS = 60_000;

/** Of so many traces that have ended within one turn of the event loop the first do not wait for its end. */
const MOST_JUST_ENDED = 256;

/**
 * Gathers the spans of each trace in memory and hands the trace over when its outermost local span
 * ends. Spans that end later follow on their own, so none is lost. Never throws into its host.
 */
export class TraceProcessor implements SpanProcessor {
  readonly #traces = new Map<string, OpenTrace>();
  /** The last delivery under way of each trace; it waits for those before it. */
  readonly #deliveries = new Map<string, Promise<void>>();
  readonly #pending = new PendingTraces();
  readonly #turns = new Turns();
  #told = { message: "", at: 0 };
  /** Traces with a root that ended just now and nobody waits for. */
  readonly #justEnded = new Set<OpenTrace>();

  get counts(): TraceCounts {
    return this.#pending.counts;
  }

  /** Puts what is under way, and what has ended of open traces, on disk: the process ends now. */
  keepAll(): void {
    this.#settle();
    for (const trace of this.#traces.values()) {
      const spans = endedSpans(trace);
      const root = trace.root ?? trace.outermost;
      if (spans.length === 0 || !isSampled(trace, root, spans)) continue;
      trace.ended.clear();
      const unfinished = () =>
        assembleUnfinished(toSpan(root), spans.map(toSpan), ownerOf(trace.details));
      this.#pending.failed(pendingOf(trace, spans, unfinished));
      this.#pending.failed(pendingAssessments(trace.keeper, trace.assessments));
    }
    this.#pending.keepAll();
  }

  /** Traces of which spans have begun and not ended. */
  get openCount(): number {
    return this.#traces.size;
  }

  onStart(span: ReadableSpan, parent: Context): void {
    const { traceId, spanId } = span.spanContext();
    let trace = this.#traces.get(traceId);
    if (trace?.root !== undefined) {
      // Whether the trace goes on, or this is another part of it, as of a second request of the same caller.
      this.#settle();
      trace = this.#traces.get(traceId);
    }
    if (trace !== undefined) {
      trace.begun.add(spanId);
      return;
    }
    const known = destinationOf(parent);
    const way = known === undefined ? defaultWay() : { destination: Promise.resolve(known) };
    const { destination, keeper } = way;
    if (keeper !== undefined)
      atExit(
        () => this.forceFlush(),
        () => this.keepAll(),
      );
    // Told when the trace is delivered; until then nobody else listens.
    destination.catch(() => undefined);
    this.#traces.set(traceId, {
      outermost: span,
      destination,
      isAskedFor: known !== undefined,
      keeper,
      begun: new Set([spanId]),
      ended: new Map(),
      shown: 0,
      details: {},
      assessments: [],
    });
    if (this.#traces.size > MOST_OPEN) this.#giveUpFirst();
  }

  /** Whether the trace is open, so that `update` becomes part of it. */
  update(traceId: string, update: TraceUpdate): boolean {
    this.#settle();
    const trace = this.#traces.get(traceId);
    if (trace === undefined) return false;
    trace.details = withUpdate(trace.details, update);
    const { root, details } = trace;
    // Its outermost span has been handed over; what is said after that follows alone.
    if (root !== undefined) this.#receive(trace, root, [], details);
    return true;
  }

  onEnd(ended: ReadableSpan): void {
    const { traceId, spanId } = ended.spanContext();
    const trace = this.#traces.get(traceId);
    if (trace === undefined) return;
    trace.ended.set(spanId, ended);
    if (spanId === trace.outermost.spanContext().spanId) trace.root = ended;
    if (trace.root === undefined) return;
    if (trace.keeper === undefined) {
      this.#deliver(trace, trace.root);
      return;
    }
    // A span ends within the program's own call: what follows waits until the program has gone on.
    this.#justEnded.add(trace);
    if (this.#justEnded.size === 1) setImmediate(() => this.#settle());
    else if (this.#justEnded.size >= MOST_JUST_ENDED) this.#settle();
  }

  /** Hands over what has ended just now. */
  #settle(): void {
    for (const trace of this.#justEnded) {
      this.#justEnded.delete(trace);
      if (trace.root !== undefined) this.#deliver(trace, trace.root);
    }
  }

  /** Whether the trace is open, so that what is said of it is stored behind it. */
  assess(assessment: NewAssessment): boolean {
    this.#settle();
    const trace = this.#traces.get(assessment.traceId.replace(/^tr-/, ""));
    if (trace === undefined) return false;
    trace.assessments.push(assessment);
    if (trace.root !== undefined) this.#tellAssessments(trace);
    return true;
  }

  /** Resolves when what was handed over of the trace has been received. */
  async delivered(traceId: string): Promise<void> {
    this.#settle();
    this.#turns.hurry();
    await this.#deliveries.get(traceId.replace(/^tr-/, ""));
  }

  /** Resolves when every trace handed over so far, and what has ended of the others, has been received. */
  async forceFlush(): Promise<void> {
    this.#settle();
    for (const trace of this.#traces.values()) this.#showUnfinished(trace);
    await this.allDelivered();
  }

  /** Resolves when every trace handed over so far has been received. */
  async allDelivered(): Promise<void> {
    this.#settle();
    this.#turns.hurry();
    await Promise.all(this.#deliveries.values());
  }

  async shutdown(): Promise<void> {
    await this.forceFlush();
  }

  #deliver(trace: OpenTrace, root: ReadableSpan): void {
    const spans = endedSpans(trace);
    for (const span of spans) trace.begun.delete(span.spanContext().spanId);
    trace.ended.clear();
    trace.isSampled ??= isSampled(trace, root, spans);
    this.#receive(trace, root, spans, trace.details);
    this.#tellAssessments(trace);
    const { traceId } = trace.outermost.spanContext();
    if (trace.begun.size === 0 && this.#traces.get(traceId) === trace) this.#traces.delete(traceId);
  }

  #tellAssessments(trace: OpenTrace): void {
    const { keeper } = trace;
    if (trace.assessments.length === 0 || trace.isSampled === false) return;
    const left = [...trace.assessments];
    trace.assessments = [];
    const pending = pendingAssessments(keeper, left);
    this.#pending.begin(pending);
    this.#handOver(
      trace,
      async (destination) => {
        for (let next = left[0]; next !== undefined; next = left[0]) {
          await destination.assess?.(next);
          left.shift();
        }
        this.#pending.delivered(pending);
      },
      () => this.#pending.failed(pending),
    );
  }

  #receive(
    trace: OpenTrace,
    root: ReadableSpan,
    ended: readonly ReadableSpan[],
    details: TraceDetails,
  ): void {
    if (trace.isSampled === false) return;
    const parts = new TraceParts(root, ended, details);
    const pending = pendingOf(trace, ended, () => parts.assembled());
    if (this.#pending.isFull && trace.keeper !== undefined) {
      this.#pending.failed(pending);
      return;
    }
    this.#pending.begin(pending);
    this.#handOver(
      trace,
      async (destination) => {
        await destination.receive(await parts.assembledFor(destination), details);
        this.#pending.delivered(pending);
      },
      () => this.#pending.failed(pending),
    );
  }

  #showUnfinished(trace: OpenTrace): void {
    if (trace.root !== undefined || trace.ended.size === trace.shown) return;
    trace.shown = trace.ended.size;
    const spans = endedSpans(trace);
    const { details, outermost } = trace;
    if (!isSampled(trace, outermost, spans)) return;
    this.#handOver(trace, async (destination) => {
      const unfinished = { ...destination, details };
      await destination.receiveUnfinished?.(
        assembleUnfinished(toSpan(outermost), spans.map(toSpan), unfinished),
        details,
      );
    });
  }

  /** A store that is away is away for every trace: the same is told once a minute. */
  #warn(message: string): void {
    const now = performance.now();
    if (message === this.#told.message && now - this.#told.at < SAME_WARNING_MS) return;
    this.#told = { message, at: now };
    warnOfTracing(message);
  }

  /** A program that never ends its spans must not fill the memory: what has ended of them is handed over. */
  #giveUpFirst(): void {
    const [first] = this.#traces;
    if (first === undefined) return;
    const [traceId, trace] = first;
    this.#showUnfinished(trace);
    this.#traces.delete(traceId);
    trace.destination.then(
      (destination) => destination?.lost?.(),
      () => undefined,
    );
  }

  /** @param fail - Saves what could not be given; whether it did. */
  #handOver(
    trace: OpenTrace,
    give: (to: TraceDestination) => Promise<void>,
    fail: () => boolean = () => false,
  ): void {
    const { traceId } = trace.outermost.spanContext();
    const before = this.#deliveries.get(traceId);
    const deliver = async () => {
      let destination: TraceDestination | undefined;
      try {
        // Who asked for the traces waits for them.
        if (trace.keeper !== undefined) await this.#turns.next();
        destination = await trace.destination;
        if (before !== undefined) await before;
        if (destination !== undefined) await give(destination);
      } catch (error) {
        // A failure never reaches the traced program.
        destination?.lost?.();
        const instead = fail() ? "It waits on disk for the next start" : "It is lost";
        const isTold = destination?.tellsOfItsStore && isAssayError(error, "store-unavailable");
        if (!isTold) this.#warn(`A trace was not stored: ${describeError(error)}. ${instead}`);
      } finally {
        if (this.#deliveries.get(traceId) === delivery) this.#deliveries.delete(traceId);
      }
    };
    const delivery = deliver();
    this.#deliveries.set(traceId, delivery);
  }
}

function ownerOf(details: TraceDetails) {
  return { experimentId: "", details };
}

function pendingOf(
  { keeper, details }: OpenTrace,
  spans: readonly ReadableSpan[],
  assembled: () => Trace,
): Pending {
  const { length } = spans;
  return {
    spanCount: length,
    characters: charactersOf(spans),
    keep: () => keeper?.keep(assembled(), details) === true,
    lose: () => keeper?.noteDropped(length),
  };
}

/** @param left - Those that are not delivered yet. */
function pendingAssessments(
  keeper: TraceKeeper | undefined,
  left: readonly NewAssessment[],
): Pending {
  return {
    spanCount: 0,
    characters: 0,
    keep: () => left.every((assessment) => keeper?.keepAssessment(assessment) === true),
    lose: () => undefined,
  };
}

function isSampled(trace: OpenTrace, root: ReadableSpan, spans: readonly ReadableSpan[]): boolean {
  if (trace.isAskedFor) return true;
  const { traceId } = root.spanContext();
  const hasFailed = () => spans.some(({ status }) => status.code === SpanStatusCode.ERROR);
  return tracingSettings().sampler({ traceId, name: root.name }, hasFailed);
}

/** In the order in which they began: start times are whole milliseconds, so it is known here alone. */
function endedSpans({ begun, ended }: OpenTrace): ReadableSpan[] {
  const spans: ReadableSpan[] = [];
  for (const spanId of begun) {
    const span = ended.get(spanId);
    if (span !== undefined) spans.push(span);
  }
  return spans;
}
