import { AssayError, type JsonObject } from "../core/index.ts";

/** What a judge may answer. */
export type VerdictShape =
  | {
      readonly kind: "number";
      readonly low: number;
      readonly high: number;
      /** The prompt asks for whole numbers; a fraction is still taken as it is. */
      readonly integers: boolean;
    }
  | {
      readonly kind: "labels";
      /** What each label is worth, best first. */
      readonly values: ReadonlyMap<string, number | string | boolean>;
      readonly type: "string" | "boolean";
    }
  | { readonly kind: "text" };

export function scaleShape(scale: readonly [number, number], integers: boolean): VerdictShape {
  const [low, high] = scale;
  if (!Number.isFinite(low) || !Number.isFinite(high) || low >= high) {
    throw new AssayError(
      "invalid-argument",
      `Expected \`scale\` to be [low, high] with low < high, got [${low}, ${high}].`,
    );
  }
  return { kind: "number", low, high, integers };
}

/** @param verdicts - The value of each label, or labels that are their own value. */
export function labelShape(
  verdicts: { readonly [label: string]: number } | readonly string[],
): VerdictShape {
  const entries: [string, number | string][] = Array.isArray(verdicts)
    ? verdicts.map((label: string) => [label, label])
    : Object.entries(verdicts as { readonly [label: string]: number }).sort((a, b) => b[1] - a[1]);
  const distinct = new Set(entries.map(([label]) => label.trim().toLowerCase()));
  if (entries.length < 2 || distinct.size < entries.length || distinct.has("")) {
    throw new AssayError(
      "invalid-argument",
      "Expected `verdicts` to hold at least two labels that differ by more than case.",
    );
  }
  return { kind: "labels", values: new Map(entries), type: "string" };
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
  if (shape.kind === "labels") {
    if (shape.type === "boolean") return { type: "boolean" };
    return { type: "string", enum: [...shape.values.keys()] };
  }
  const type = shape.integers ? "integer" : "number";
  return Number.isFinite(shape.low) ? { type, minimum: shape.low, maximum: shape.high } : { type };
}

/** The last lines of a judge's prompt: how to answer. */
export function replyInstruction(shape: VerdictShape): string {
  const key = verdictKey(shape);
  return `Reply with one JSON object and nothing else. First "rationale": why, in one to three sentences. Then "${key}": ${describeShape(shape)}.`;
}
