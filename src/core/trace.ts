import type { Assessment } from "./assessment.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import type { Usage } from "./result.ts";

/** MLflow's span types, and PROMPT. */
export const SPAN_TYPES = [
  "AGENT",
  "CHAIN",
  "CHAT_MODEL",
  "EMBEDDING",
  "EVALUATOR",
  "LLM",
  "MEMORY",
  "PARSER",
  "PROMPT",
  "RERANKER",
  "RETRIEVER",
  "TOOL",
  "UNKNOWN",
] as const;

export type SpanType = (typeof SPAN_TYPES)[number];

export type SpanStatus = "UNSET" | "OK" | "ERROR";

export interface SpanEvent {
  readonly name: string;
  readonly timeNs: bigint;
  readonly attributes: JsonObject;
}

/** One timed operation of a trace, after export. */
export interface Span {
  /** 32 hex digits, OpenTelemetry's. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly type: SpanType;
  /** Nanoseconds since the Unix epoch. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly status: SpanStatus;
  readonly statusMessage?: string;
  readonly inputs?: JsonValue;
  readonly outputs?: JsonValue;
  /** Attributes as recorded, without the ones that became `type`, `inputs` and `outputs`. */
  readonly attributes: JsonObject;
  readonly events: readonly SpanEvent[];
}

export type TraceState = "OK" | "ERROR" | "IN_PROGRESS";

/** What is known of a trace without its spans. */
export interface TraceInfo {
  /** `tr-` and 32 hex digits. */
  readonly traceId: string;
  readonly experimentId: string;
  /** The run it belongs to; absent for a trace outside any run. */
  readonly runId?: string;
  readonly name: string;
  readonly state: TraceState;
  /** Milliseconds since the Unix epoch. */
  readonly startTime: number;
  readonly durationMs?: number;
  readonly requestPreview?: string;
  readonly responsePreview?: string;
  /** The name that the caller's own system has for the request. */
  readonly clientRequestId?: string;
  /** Can be changed later, unlike the metadata. */
  readonly tags?: { readonly [key: string]: string };
  readonly metadata?: { readonly [key: string]: string };
  /** Summed over the model calls of the trace; absent when none reported any. */
  readonly usage?: Usage;
  readonly spanCount: number;
  /** What was said of it; absent when nothing was. */
  readonly assessments?: readonly Assessment[];
}

export interface Trace {
  readonly info: TraceInfo;
  /** In order of start. */
  readonly spans: readonly Span[];
}

/** By what traces are put together: the day (UTC) of their start, the models of their calls, name, status. */
export const TRACE_GROUPS = ["day", "model", "name", "status"] as const;

export type TraceGroup = (typeof TRACE_GROUPS)[number];
