import {
  isPlainObject,
  type JsonObject,
  type JsonValue,
  type Span,
  type SpanStatus,
} from "../core/index.ts";
import { readAttributes } from "./read-attributes.ts";
import { dialectAttributes, type OtlpDialect } from "./write-dialects.ts";

/** Names under which what OTLP keeps beside the attributes is stored among them, for the way back. */
const BESIDE = {
  kind: "otel.span.kind",
  scope: "otel.scope.name",
  scopeVersion: "otel.scope.version",
} as const;

/** Stands where a span has no scope or service of its own: read back, it has none again. */
const OURS = "assay";

type Members = { readonly [name: string]: unknown };

/** Spans that were read, and how many there were that are none. */
export interface ReadSpans {
  readonly spans: readonly Span[];
  readonly rejected: number;
}

/**
 * Spans of OTLP's JSON, an `ExportTraceServiceRequest` or `TracesData`: ids are hex, 64-bit numbers are
 * texts or numbers, enumerations are numbers or names. What is no span is left out and counted.
 */
export function readOtlpJson(request: unknown): ReadSpans {
  let rejected = 0;
  const spans: Span[] = [];
  for (const resourceSpans of list(members(request).resourceSpans)) {
    const { resource, scopeSpans, instrumentationLibrarySpans } = members(resourceSpans);
    const around = attributesOf(members(resource).attributes);
    for (const scoped of list(scopeSpans ?? instrumentationLibrarySpans)) {
      const { scope, instrumentationLibrary, spans: own } = members(scoped);
      const { name, version } = members(scope ?? instrumentationLibrary);
      const beside = {
        ...resourceAttributes(around),
        ...(typeof name === "string" && name !== "" && name !== OURS && { [BESIDE.scope]: name }),
        ...(typeof version === "string" && version !== "" && { [BESIDE.scopeVersion]: version }),
      };
      for (const span of list(own)) {
        const read = readSpan(members(span), beside);
        if (read === undefined) rejected += 1;
        else spans.push(read);
      }
    }
  }
  return { spans, rejected };
}

/** Of the resource, what tells services apart. */
function resourceAttributes(resource: JsonObject): JsonObject {
  const kept = Object.entries(resource).filter(
    ([name, value]) =>
      /^(?:service|deployment)\./.test(name) && !(name === "service.name" && value === OURS),
  );
  return Object.fromEntries(kept);
}

function readSpan(span: Members, beside: JsonObject): Span | undefined {
  const traceId = hexId(span.traceId, 32);
  const spanId = hexId(span.spanId, 16);
  const startNs = nanoseconds(span.startTimeUnixNano);
  if (traceId === undefined || spanId === undefined || startNs === undefined) return undefined;
  const parentSpanId = hexId(span.parentSpanId, 16);
  const { code, message } = members(span.status);
  const kind = kindOf(span.kind);
  return {
    traceId,
    spanId,
    ...(parentSpanId !== undefined && { parentSpanId }),
    name: typeof span.name === "string" ? span.name : "",
    startNs,
    endNs: nanoseconds(span.endTimeUnixNano) ?? startNs,
    status: statusOf(code),
    ...(typeof message === "string" && message !== "" && { statusMessage: message }),
    ...readAttributes({
      ...beside,
      ...(kind !== undefined && { [BESIDE.kind]: kind }),
      ...attributesOf(span.attributes),
    }),
    events: list(span.events).map((event) => {
      const { name, timeUnixNano, attributes } = members(event);
      return {
        name: typeof name === "string" ? name : "",
        timeNs: nanoseconds(timeUnixNano) ?? startNs,
        attributes: attributesOf(attributes),
      };
    }),
  };
}

/** The spans as OTLP's JSON, with inputs and outputs under our own names. */
export function writeOtlpJson(
  spans: readonly Span[],
  dialects: readonly OtlpDialect[] = [],
): JsonObject {
  const groups = Map.groupBy(spans, ({ attributes }) =>
    JSON.stringify([
      attributes["service.name"],
      attributes[BESIDE.scope],
      attributes[BESIDE.scopeVersion],
    ]),
  );
  return {
    resourceSpans: [...groups.values()].map((own) => {
      const { attributes } = own[0] as Span;
      const service = attributes["service.name"] ?? OURS;
      const version = attributes[BESIDE.scopeVersion];
      return {
        resource: { attributes: [{ key: "service.name", value: anyValue(service) }] },
        scopeSpans: [
          {
            scope: {
              name: attributes[BESIDE.scope] ?? OURS,
              ...(version !== undefined && { version }),
            },
            spans: own.map((span) => writeSpan(span, dialects)),
          },
        ],
      };
    }),
  };
}

const STATUS_CODES: { readonly [status in SpanStatus]: number } = { UNSET: 0, OK: 1, ERROR: 2 };

function writeSpan(span: Span, dialects: readonly OtlpDialect[]): JsonObject {
  const { type, inputs, outputs, attributes, statusMessage, parentSpanId } = span;
  const {
    [BESIDE.kind]: kind,
    [BESIDE.scope]: _s,
    [BESIDE.scopeVersion]: _v,
    ...rest
  } = attributes;
  const { "service.name": _service, ...own } = rest;
  const all: JsonObject = {
    "assay.span.type": type,
    ...(inputs !== undefined && { "assay.input": JSON.stringify(inputs) }),
    ...(outputs !== undefined && { "assay.output": JSON.stringify(outputs) }),
    ...dialectAttributes(span, dialects),
    ...own,
  };
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(parentSpanId !== undefined && { parentSpanId }),
    name: span.name,
    kind: typeof kind === "number" ? kind : 1,
    startTimeUnixNano: span.startNs.toString(),
    endTimeUnixNano: span.endNs.toString(),
    attributes: keyValues(all),
    events: span.events.map((event) => ({
      name: event.name,
      timeUnixNano: event.timeNs.toString(),
      attributes: keyValues(event.attributes),
    })),
    status: {
      code: STATUS_CODES[span.status],
      ...(statusMessage !== undefined && { message: statusMessage }),
    },
  };
}

const keyValues = (attributes: JsonObject): JsonValue[] =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));

function anyValue(value: JsonValue): JsonObject {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number") {
    return Number.isSafeInteger(value) ? { intValue: value.toString() } : { doubleValue: value };
  }
  if (value === null) return {};
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  return { kvlistValue: { values: keyValues(value as JsonObject) } };
}

function attributesOf(attributes: unknown): JsonObject {
  const entries = list(attributes).flatMap((entry) => {
    const { key, value } = members(entry);
    return typeof key === "string" ? [[key, plainValue(members(value))] as const] : [];
  });
  return Object.fromEntries(entries);
}

function plainValue(value: Members): JsonValue {
  const { stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue, bytesValue } =
    value;
  if (typeof stringValue === "string") return stringValue;
  if (typeof boolValue === "boolean") return boolValue;
  if (intValue !== undefined) return integer(intValue);
  if (doubleValue !== undefined) return double(doubleValue);
  if (arrayValue !== undefined) {
    return list(members(arrayValue).values).map((one) => plainValue(members(one)));
  }
  if (kvlistValue !== undefined) return attributesOf(members(kvlistValue).values);
  return typeof bytesValue === "string" ? bytesValue : null;
}

/** What a double cannot hold stays a text. */
function integer(value: unknown): JsonValue {
  const found = Number(value);
  return Number.isSafeInteger(found) ? found : String(value);
}

/** JSON has no NaN and no infinities: OTLP writes their names. */
function double(value: unknown): JsonValue {
  const found = Number(value);
  return Number.isFinite(found) ? found : String(value);
}

/** Hex, as OTLP's JSON has ids; some write the base64 of Protobuf's JSON. Zeros are no id. */
function hexId(value: unknown, digits: number): string | undefined {
  if (typeof value !== "string" || value === "") return undefined;
  const hex =
    value.length === digits && /^[0-9a-fA-F]+$/.test(value)
      ? value.toLowerCase()
      : base64ToHex(value, digits);
  return hex === undefined || /^0+$/.test(hex) ? undefined : hex;
}

function base64ToHex(value: string, digits: number): string | undefined {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(value)) return undefined;
  const bytes = atob(value.replaceAll("-", "+").replaceAll("_", "/"));
  if (bytes.length * 2 !== digits) return undefined;
  return [...bytes].map((byte) => byte.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}

function nanoseconds(value: unknown): bigint | undefined {
  if (typeof value === "number" && Number.isFinite(value)) return BigInt(Math.round(value));
  return typeof value === "string" && /^\d+$/.test(value) ? BigInt(value) : undefined;
}

function statusOf(code: unknown): SpanStatus {
  if (code === 2 || code === "STATUS_CODE_ERROR") return "ERROR";
  return code === 1 || code === "STATUS_CODE_OK" ? "OK" : "UNSET";
}

const KINDS = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];

/** Absent for an internal one, which nearly all are. */
function kindOf(kind: unknown): number | undefined {
  const found = typeof kind === "string" ? KINDS.indexOf(kind.replace("SPAN_KIND_", "")) : kind;
  return typeof found === "number" && found > 1 ? found : undefined;
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const members = (value: unknown): Members => (isPlainObject(value) ? value : {});
