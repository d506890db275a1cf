import {
  AssayError,
  defineScorer,
  describeError,
  isPlainObject,
  redactText,
  type Score,
  type Scorer,
  type ScorerOptions,
  type ScorerOutput,
  type UnscoredReason,
} from "../core/index.ts";
import type { ScorerLike } from "./options.ts";

/** A scorer with its name; a plain function is called by the name it has in the code. */
export function toScorer(scorer: ScorerLike, index: number): Scorer {
  if (typeof scorer !== "function") {
    throw new AssayError(
      "invalid-argument",
      `Expected scorer ${index + 1} to be a function or a metric, got ${scorer === null ? "null" : typeof scorer}`,
    );
  }
  if ("scorer" in scorer) return scorer;
  if (scorer.name === "") {
    throw new AssayError(
      "invalid-argument",
      `Scorer ${index + 1} has no name. Use a named function, or defineScorer({ name }, fn).`,
    );
  }
  return defineScorer({ name: scorer.name }, scorer);
}

/**
 * What a scorer returned, as scores; the first is the verdict on the row. What is not a verdict is
 * unscored with its reason, never 0.
 */
export function toScores(output: ScorerOutput | undefined | null, options: ScorerOptions): Score[] {
  if (output === undefined || output === null) {
    return [unscored("not-applicable", "the scorer returned nothing")];
  }
  if (Array.isArray(output)) return withVerdict(output.map((part) => toScore(part, options)));
  return [toScore(output as Exclude<ScorerOutput, readonly Score[]>, options)];
}

export function unscored(reason: UnscoredReason, detail: string): Score {
  return { kind: "unscored", reason, detail: redactText(detail) };
}

export function scorerFailure(error: unknown): Score {
  return unscored("scorer-failed", describeError(error));
}

function toScore(output: unknown, options: ScorerOptions): Score {
  switch (typeof output) {
    case "number":
    case "boolean":
    case "string":
      return checked({ kind: "scored", value: output }, options);
  }
  if (isScore(output)) return output.kind === "scored" ? checked(output, options) : output;
  if (isPlainObject(output) && "score" in output) {
    const { score, metadata } = output;
    if (score === null || score === undefined)
      return unscored("not-applicable", "no score was given");
    if (typeof score === "number" || typeof score === "boolean") {
      const rationale = isPlainObject(metadata) ? metadata.rationale : undefined;
      return checked(
        { kind: "scored", value: score, ...(typeof rationale === "string" && { rationale }) },
        options,
      );
    }
  }
  return unscored(
    "scorer-failed",
    "expected a number, boolean, string or Score, got something else",
  );
}

function isScore(value: unknown): value is Score {
  return isPlainObject(value) && (value.kind === "scored" || value.kind === "unscored");
}

function checked(score: Score & { kind: "scored" }, { scale }: ScorerOptions): Score {
  const { value } = score;
  if (typeof value !== "number") return score;
  if (!Number.isFinite(value)) return unscored("scorer-failed", `the scorer returned ${value}`);
  if (scale !== undefined && (value < scale[0] || value > scale[1])) {
    return unscored("scorer-failed", `${value} is outside the scale ${scale[0]} to ${scale[1]}`);
  }
  return score;
}

/** Scores of parts alone get the mean of what was scored as the verdict on the row. */
function withVerdict(parts: Score[]): Score[] {
  const [first] = parts;
  if (first === undefined) return [unscored("not-applicable", "the scorer returned no scores")];
  if (first.part === undefined) return parts;
  const values = parts.flatMap((part) =>
    part.kind === "scored" && typeof part.value !== "string" ? [Number(part.value)] : [],
  );
  if (values.length === 0) {
    const failed = parts.find((part) => part.kind === "unscored");
    return [failed ?? unscored("not-applicable", "no part has a numeric score"), ...parts];
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [{ kind: "scored", value: mean }, ...parts];
}
