/** How a field is written. Names are those of OTLP's JSON, in which 64-bit numbers are texts. */
export type FieldType =
  | "string"
  | "bool"
  /** int32, uint32 and enumerations; 64 bits where they are negative. */
  | "int"
  | "int64"
  | "double"
  | "fixed32"
  | "fixed64"
  /** Bytes that are an id: hex in JSON. */
  | "id"
  /** Any other bytes: base64 in JSON. */
  | "bytes"
  | Message;

export interface Field {
  readonly number: number;
  readonly name: string;
  readonly type: () => FieldType;
  readonly isList: boolean;
}

/** The fields of a kind of message, by number and by name. */
export interface Message {
  readonly byNumber: ReadonlyMap<number, Field>;
  readonly byName: ReadonlyMap<string, Field>;
}

type Given = FieldType | (() => FieldType) | readonly [FieldType | (() => FieldType)];

/** @param fields - By number: name and type, in a list where the field is repeated. */
function message(fields: {
  readonly [number: number]: readonly [name: string, type: Given];
}): Message {
  const all = Object.entries(fields).map(([number, [name, given]]): Field => {
    const isList = Array.isArray(given);
    const type = (isList ? given[0] : given) as FieldType | (() => FieldType);
    const read = typeof type === "function" ? type : () => type;
    return { number: Number(number), name, type: read, isList };
  });
  return {
    byNumber: new Map(all.map((field) => [field.number, field])),
    byName: new Map(all.map((field) => [field.name, field])),
  };
}

// opentelemetry-proto 1.x: common/v1/common.proto, resource/v1/resource.proto, trace/v1/trace.proto.
const KEY_VALUE: Message = message({ 1: ["key", "string"], 2: ["value", () => ANY_VALUE] });

const ANY_VALUE: Message = message({
  1: ["stringValue", "string"],
  2: ["boolValue", "bool"],
  3: ["intValue", "int64"],
  4: ["doubleValue", "double"],
  5: ["arrayValue", message({ 1: ["values", [() => ANY_VALUE]] })],
  6: ["kvlistValue", message({ 1: ["values", [KEY_VALUE]] })],
  7: ["bytesValue", "bytes"],
});

const EVENT = message({
  1: ["timeUnixNano", "fixed64"],
  2: ["name", "string"],
  3: ["attributes", [KEY_VALUE]],
  4: ["droppedAttributesCount", "int"],
});

const LINK = message({
  1: ["traceId", "id"],
  2: ["spanId", "id"],
  3: ["traceState", "string"],
  4: ["attributes", [KEY_VALUE]],
  5: ["droppedAttributesCount", "int"],
  6: ["flags", "fixed32"],
});

const SPAN = message({
  1: ["traceId", "id"],
  2: ["spanId", "id"],
  3: ["traceState", "string"],
  4: ["parentSpanId", "id"],
  5: ["name", "string"],
  6: ["kind", "int"],
  7: ["startTimeUnixNano", "fixed64"],
  8: ["endTimeUnixNano", "fixed64"],
  9: ["attributes", [KEY_VALUE]],
  10: ["droppedAttributesCount", "int"],
  11: ["events", [EVENT]],
  12: ["droppedEventsCount", "int"],
  13: ["links", [LINK]],
  14: ["droppedLinksCount", "int"],
  15: ["status", message({ 2: ["message", "string"], 3: ["code", "int"] })],
  16: ["flags", "fixed32"],
});

const SCOPE = message({
  1: ["name", "string"],
  2: ["version", "string"],
  3: ["attributes", [KEY_VALUE]],
  4: ["droppedAttributesCount", "int"],
});

const SCOPE_SPANS = message({
  1: ["scope", SCOPE],
  2: ["spans", [SPAN]],
  3: ["schemaUrl", "string"],
});

const RESOURCE = message({ 1: ["attributes", [KEY_VALUE]], 2: ["droppedAttributesCount", "int"] });

const RESOURCE_SPANS = message({
  1: ["resource", RESOURCE],
  2: ["scopeSpans", [SCOPE_SPANS]],
  3: ["schemaUrl", "string"],
});

/** `ExportTraceServiceRequest`; `TracesData`, which files hold, is the same. */
export const TRACES: Message = message({ 1: ["resourceSpans", [RESOURCE_SPANS]] });
