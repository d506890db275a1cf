import { type JsonObject, type JsonValue, SPAN_TYPES, type SpanType } from "../core/index.ts";
import { genAi } from "./dialects/genai.ts";
import { langfuse } from "./dialects/langfuse.ts";
import { mlflow } from "./dialects/mlflow.ts";
import { openInference } from "./dialects/openinference.ts";
import { type Dialect, parsed, type Reading } from "./dialects/reading.ts";
import { traceloop } from "./dialects/traceloop.ts";
import { vercel } from "./dialects/vercel.ts";
import { ATTRIBUTES } from "./vocabulary.ts";

/** What a span's attributes say in our terms, and the attributes that remain. */
export interface SpanContent {
  readonly type: SpanType;
  readonly inputs?: JsonValue;
  readonly outputs?: JsonValue;
  readonly attributes: JsonObject;
}

/** Those that say more of a span come before those that say it in general terms. */
const DIALECTS: readonly Dialect[] = [mlflow, langfuse, openInference, vercel, traceloop, genAi];

/**
 * Reads type, inputs and outputs from our own attributes, else from any vocabulary that is known, and
 * gives what they count the names of the GenAI conventions. What a span says itself under these names is
 * never changed.
 *
 * @param values - Has those of our own attributes whose content is there as it is, not as JSON text.
 */
export function readAttributes(recorded: JsonObject, values: JsonObject = {}): SpanContent {
  const {
    [ATTRIBUTES.spanType]: type,
    [ATTRIBUTES.input]: input,
    [ATTRIBUTES.output]: output,
    ...attributes
  } = recorded;
  const own = isSpanType(type) ? type : undefined;
  // Ours are written under these names; looking for others in each would take as long as storing it.
  const readings = own === undefined ? readingsOf(attributes) : readingsOfOurs(attributes);
  const reader = (key: "inputs" | "outputs") =>
    readings.find((reading) => reading[key] !== undefined);
  const said = (name: string, value: JsonValue) => (name in values ? value : parsed(value));
  const inputs = input === undefined ? reader("inputs")?.inputs : said(ATTRIBUTES.input, input);
  const outputs =
    output === undefined ? reader("outputs")?.outputs : said(ATTRIBUTES.output, output);
  const taken = [
    ...(input === undefined ? namesOf(readings, "inputs") : []),
    ...(output === undefined ? namesOf(readings, "outputs") : []),
  ];
  return {
    type: own ?? readings.find((reading) => reading.type !== undefined)?.type ?? "UNKNOWN",
    ...(inputs !== undefined && { inputs }),
    ...(outputs !== undefined && { outputs }),
    attributes: normalised(attributes, readings, taken),
  };
}

/** What was used is taken out: a prompt is stored once. */
function namesOf(readings: readonly Reading[], key: "inputs" | "outputs"): readonly string[] {
  return readings.flatMap((reading) => reading.taken?.[key] ?? []);
}

const NONE: readonly Reading[] = [];

/** Ours hold messages of the conventions in model calls alone. */
function readingsOfOurs(attributes: JsonObject): readonly Reading[] {
  if (!(ATTRIBUTES.operation in attributes || ATTRIBUTES.inputMessages in attributes)) return NONE;
  return [genAi(attributes) ?? {}];
}

function readingsOf(attributes: JsonObject): Reading[] {
  return DIALECTS.flatMap((dialect) => dialect(attributes) ?? []);
}

function normalised(
  recorded: JsonObject,
  readings: readonly Reading[],
  taken: readonly string[],
): JsonObject {
  if (readings.length === 0) return recorded;
  const attributes: { [name: string]: JsonValue } = { ...recorded };
  for (const name of taken) delete attributes[name];
  for (const { attributes: said = {} } of readings) {
    for (const [name, value] of Object.entries(said)) {
      if (value !== undefined) attributes[name] ??= value;
    }
  }
  return attributes;
}

function isSpanType(value: unknown): value is SpanType {
  return (SPAN_TYPES as readonly unknown[]).includes(value);
}
