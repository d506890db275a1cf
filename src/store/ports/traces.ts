import type { Span, Trace, TraceInfo } from "../../core/index.ts";
import type { Page, TraceSearchQuery } from "./search.ts";

export interface TraceQuery {
  readonly experimentIds?: readonly string[];
  readonly runId?: string;
  readonly limit?: number;
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
  /** The traces whose id starts with `prefix`, at most two. */
  findTraceIds(prefix: string): Promise<string[]>;
}
