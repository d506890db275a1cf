import { AssayError, type JsonObject } from "../core/index.ts";

/** What a judge may answer. */
export type VerdictShape =
  | {
      readonly kind: "number";
      readonly low: number;
      readonly high: number;
      /** The prompt asks for whole numbers; a fraction is still taken as it is. */
      readonly integers: boolean;
      /** A fraction is no verdict: the caller declared an integer. */
      readonly isWhole?: true;
    }
  | {
      readonly kind: "labels";
      /** What each label is worth, best first. */
      readonly values: ReadonlyMap<string, number | string | boolean>;
      readonly type: "string" | "boolean";
      /** There are labels that differ by nothing but case. */
      readonly isCaseSensitive?: true;
    }
  | { readonly kind: "list" }
  | { readonly kind: "text" };

export function scaleShape(
  scale: readonly [number, number],
  integers: boolean,
  isWhole = false,
): VerdictShape {
  const [low, high] = scale;
  if (!Number.isFinite(low) || !Number.isFinite(high) || low >= high) {
    throw new AssayError(
      "invalid-argument",
      `Expected \`scale\` to be [low, high] with low < high, got [${low}, ${high}].`,
    );
  }
  return { kind: "number", low, high, integers, ...(isWhole && { isWhole }) };
}

/** @param verdicts - The value of each label, or labels that are their own value. */
export function labelShape(
  verdicts: { readonly [label: string]: number } | readonly string[],
): VerdictShape {
  const entries: [string, number | string][] = Array.isArray(verdicts)
    ? verdicts.map((label: string) => [label, label])
    : Object.entries(verdicts as { readonly [label: string]: number }).sort((a, b) => b[1] - a[1]);
  const labels = entries.map(([label]) => label.trim());
  if (entries.length < 2 || new Set(labels).size < entries.length || labels.includes("")) {
    throw new AssayError(
      "invalid-argument",
      "Expected `verdicts` to hold at least two labels, all different and none empty.",
    );
  }
  const folded = new Set(labels.map((label) => label.toLowerCase()));
  return {
    kind: "labels",
    values: new Map(entries),
    type: "string",
    ...(folded.size < labels.length && { isCaseSensitive: true }),
  };
}

export const BOOLEAN_SHAPE: VerdictShape = {
  kind: "labels",
  type: "boolean",
  values: new Map([
    ["true", true],
    ["false", false],
    ["yes", true],
    ["no", false],
  ]),
};

/** The name of the verdict in the reply. */
export function verdictKey(shape: VerdictShape): "score" | "verdict" {
  return shape.kind === "number" ? "score" : "verdict";
}

/** What the verdict must be, as a phrase: `a whole number from 1 to 5`. */
export function describeShape(shape: VerdictShape): string {
  if (shape.kind === "text") return "a short text";
  if (shape.kind === "list") return "a list of short texts, empty where there is nothing to name";
  if (shape.kind === "labels") {
    if (shape.type === "boolean") return "true or false";
    return `one of ${[...shape.values.keys()].map((label) => JSON.stringify(label)).join(", ")}`;
  }
  const noun = shape.integers ? "a whole number" : "a number";
  return Number.isFinite(shape.low) ? `${noun} from ${shape.low} to ${shape.high}` : noun;
}

/** The JSON Schema of the reply: the rationale first, because what is written first guides the rest. */
export function replySchema(shape: VerdictShape): JsonObject {
  const key = verdictKey(shape);
  return {
    type: "object",
    properties: {
      rationale: { type: "string", description: "Why, in one to three sentences." },
      [key]: { ...valueSchema(shape), description: describeShape(shape) },
    },
    required: ["rationale", key],
    additionalProperties: false,
  };
}

function valueSchema(shape: VerdictShape): JsonObject {
  if (shape.kind === "text") return { type: "string" };
  if (shape.kind === "list") return { type: "array", items: { type: "string" } };
  if (shape.kind === "labels") {
    if (shape.type === "boolean") return { type: "boolean" };
    return { type: "string", enum: [...shape.values.keys()] };
  }
  const type = shape.integers ? "integer" : "number";
  return Number.isFinite(shape.low) ? { type, minimum: shape.low, maximum: shape.high } : { type };
}

/** How to answer where the grade's own probability is looked at. */
export function bareInstruction(shape: VerdictShape): string {
  return `Reply with the ${verdictKey(shape)} alone and nothing else: ${describeShape(shape)}.`;
}

/** The last lines of a judge's prompt: how to answer. */
export function replyInstruction(shape: VerdictShape): string {
  const key = verdictKey(shape);
  return `Reply with one JSON object and nothing else. First "rationale": why, in one to three sentences. Then "${key}": ${describeShape(shape)}.`;
}
