import type { Span, Trace, TraceGroup, TraceInfo, Usage } from "../../core/index.ts";
import type { Page, TraceSearchQuery } from "./search.ts";

export interface TraceQuery {
  readonly experimentIds?: readonly string[];
  readonly runId?: string;
  readonly limit?: number;
}

export interface TraceSummary {
  /** The day as `2026-11-29`, the model, the name or the status. */
  readonly group: string;
  readonly count: number;
  /** Of these, those that failed. */
  readonly errors: number;
  /** Percentiles by linear interpolation, in milliseconds; absent while none has ended. */
  readonly durationMs?: { readonly p50: number; readonly p90: number; readonly p99: number };
  readonly usage: Usage;
}

export interface TraceStore {
  /**
   * Adds a trace with the spans known so far; late spans of a known trace are added to it. Duplicates are
   * ignored. A trace that is known as `IN_PROGRESS` takes over state, duration and previews from the
   * first that comes with another state; name and start as well from the part with the span that has no
   * parent. Tags and metadata are added to those that are there. Previews that are not given are made of
   * the outermost span.
   */
  writeTrace(info: TraceInfo, spans: readonly Span[]): Promise<void>;
  getTrace(traceId: string): Promise<Trace | undefined>;
  /** Newest first. */
  listTraces(query: TraceQuery): Promise<TraceInfo[]>;
  /**
   * A page of 100 traces unless said, at most 500.
   *
   * @throws {AssayError} `invalid-argument` for a filter, order, page size or token that cannot be used.
   */
  searchTraces(query: TraceSearchQuery): Promise<Page<TraceInfo>>;
  /** How many traces all pages of a search have. */
  countTraces(query: TraceSearchQuery): Promise<number>;
  /**
   * What the traces that match come to, by group: days in order, else the most first. A trace with calls
   * of several models counts in each, with its whole usage; one without any is in none of them.
   */
  summarizeTraces(query: TraceSearchQuery & { readonly by: TraceGroup }): Promise<TraceSummary[]>;
  /** The traces whose id starts with `prefix`, at most two. */
  findTraceIds(prefix: string): Promise<string[]>;
}
