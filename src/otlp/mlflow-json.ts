import { isPlainObject, type JsonObject, type JsonValue, type Span } from "../core/index.ts";
import { readAttributes } from "./read-attributes.ts";

type Members = { readonly [name: string]: unknown };

const members = (value: unknown): Members => (isPlainObject(value) ? value : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Whether it is what MLflow keeps of a trace: `{ spans: [...] }`, with or without its info. */
export function isMlflowTrace(value: unknown): boolean {
  const { spans, data } = members(value);
  return Array.isArray(spans ?? members(data).spans);
}

/** Spans of MLflow's `traces.json`, of version 3: ids are base64 or hex, every attribute is JSON text. */
export function readMlflowJson(value: unknown): readonly Span[] {
  const { spans, data } = members(value);
  return list(spans ?? members(data).spans).flatMap((span) => readSpan(members(span)) ?? []);
}

function readSpan(span: Members): Span | undefined {
  const context = members(span.context);
  const traceId = hexId(span.trace_id ?? context.trace_id, 32);
  const spanId = hexId(span.span_id ?? context.span_id, 16);
  const startNs = nanoseconds(span.start_time_unix_nano ?? span.start_time);
  if (traceId === undefined || spanId === undefined || startNs === undefined) return undefined;
  const parentSpanId = hexId(span.parent_span_id ?? span.parent_id, 16);
  const status = members(span.status);
  const code = String(status.code ?? span.status_code ?? "");
  const message = status.message ?? span.status_message;
  return {
    traceId,
    spanId,
    ...(parentSpanId !== undefined && { parentSpanId }),
    name: typeof span.name === "string" ? span.name : "",
    startNs,
    endNs: nanoseconds(span.end_time_unix_nano ?? span.end_time) ?? startNs,
    status: code.endsWith("ERROR") ? "ERROR" : code.endsWith("OK") ? "OK" : "UNSET",
    ...(typeof message === "string" && message !== "" && { statusMessage: message }),
    ...readAttributes(attributesOf(members(span.attributes))),
    events: list(span.events).map((event) => {
      const { name, time_unix_nano, timestamp, attributes } = members(event);
      return {
        name: typeof name === "string" ? name : "",
        timeNs: nanoseconds(time_unix_nano ?? timestamp) ?? startNs,
        attributes: members(attributes) as JsonObject,
      };
    }),
  };
}

const OWN = /^mlflow\.(?:span|chat\.|llm\.)/;

/** Those that the reader of MLflow's vocabulary knows stay JSON text; the others are what it says. */
function attributesOf(attributes: Members): JsonObject {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => {
      if (OWN.test(name) || typeof value !== "string") return [name, value as JsonValue];
      try {
        return [name, JSON.parse(value) as JsonValue];
      } catch {
        return [name, value];
      }
    }),
  );
}

/** The spans as MLflow's `traces.json` has them. */
export function writeMlflowJson(traceId: string, spans: readonly Span[]): JsonObject {
  return { spans: spans.map((span) => writeSpan(traceId, span)) };
}

function writeSpan(traceId: string, span: Span): JsonObject {
  const { type, inputs, outputs, attributes, parentSpanId, statusMessage } = span;
  const all: JsonObject = {
    "mlflow.traceRequestId": traceId,
    "mlflow.spanType": type,
    ...(inputs !== undefined && { "mlflow.spanInputs": inputs }),
    ...(outputs !== undefined && { "mlflow.spanOutputs": outputs }),
    ...usageOf(attributes),
    ...attributes,
  };
  return {
    trace_id: base64(span.traceId),
    span_id: base64(span.spanId),
    parent_span_id: parentSpanId === undefined ? null : base64(parentSpanId),
    name: span.name,
    // Whole in a double up to some hundred nanoseconds: MLflow wants a number here.
    start_time_unix_nano: Number(span.startNs),
    end_time_unix_nano: Number(span.endNs),
    status: { code: `STATUS_CODE_${span.status}`, message: statusMessage ?? "" },
    events: span.events.map((event) => ({
      name: event.name,
      time_unix_nano: Number(event.timeNs),
      attributes: event.attributes,
    })),
    attributes: Object.fromEntries(
      Object.entries(all).map(([name, value]) => [name, JSON.stringify(value)]),
    ),
  };
}

function usageOf(attributes: JsonObject): JsonObject {
  const input = attributes["gen_ai.usage.input_tokens"];
  const output = attributes["gen_ai.usage.output_tokens"];
  if (typeof input !== "number" && typeof output !== "number") return {};
  const total = (typeof input === "number" ? input : 0) + (typeof output === "number" ? output : 0);
  return {
    "mlflow.chat.tokenUsage": {
      ...(typeof input === "number" && { input_tokens: input }),
      ...(typeof output === "number" && { output_tokens: output }),
      total_tokens: total,
    },
  };
}

const base64 = (hex: string) => Buffer.from(hex, "hex").toString("base64");

function hexId(value: unknown, digits: number): string | undefined {
  if (typeof value !== "string" || value === "") return undefined;
  const plain = value.replace(/^(?:tr-|0x)/, "");
  if (plain.length === digits && /^[0-9a-fA-F]+$/.test(plain)) return plain.toLowerCase();
  const hex = Buffer.from(value, "base64").toString("hex");
  return hex.length === digits ? hex : undefined;
}

function nanoseconds(value: unknown): bigint | undefined {
  if (typeof value === "number" && Number.isFinite(value)) return BigInt(Math.round(value));
  return typeof value === "string" && /^\d+$/.test(value) ? BigInt(value) : undefined;
}
