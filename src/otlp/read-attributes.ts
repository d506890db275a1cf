import { type JsonObject, type JsonValue, SPAN_TYPES, type SpanType } from "../core/index.ts";
import { ATTRIBUTES, typeOfOperation } from "./vocabulary.ts";

/** What a span's attributes say in our terms, and the attributes that remain. */
export interface SpanContent {
  readonly type: SpanType;
  readonly inputs?: JsonValue;
  readonly outputs?: JsonValue;
  readonly attributes: JsonObject;
}

/** Reads type, inputs and outputs from our own attributes, else from the GenAI conventions. */
export function readAttributes(recorded: JsonObject): SpanContent {
  const {
    [ATTRIBUTES.spanType]: type,
    [ATTRIBUTES.input]: input,
    [ATTRIBUTES.output]: output,
    ...attributes
  } = recorded;
  const inputs = parsed(input ?? taken(attributes, ATTRIBUTES.inputMessages));
  const outputs = parsed(output ?? taken(attributes, ATTRIBUTES.outputMessages));
  return {
    type: isSpanType(type) ? type : (typeOfOperation(recorded[ATTRIBUTES.operation]) ?? "UNKNOWN"),
    ...(inputs !== undefined && { inputs }),
    ...(outputs !== undefined && { outputs }),
    attributes,
  };
}

/** What was used is taken out: a prompt is stored once. */
function taken(attributes: { [name: string]: JsonValue }, name: string): JsonValue | undefined {
  const value = attributes[name];
  delete attributes[name];
  return value;
}

function isSpanType(value: unknown): value is SpanType {
  return (SPAN_TYPES as readonly unknown[]).includes(value);
}

/** Structured content travels as JSON text; what does not parse is text. */
function parsed(value: JsonValue | undefined): JsonValue | undefined {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value) as JsonValue;
  } catch {
    return value;
  }
}
