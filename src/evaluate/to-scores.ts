import {
  describeError,
  isPlainObject,
  redactText,
  type Score,
  type ScorerOptions,
  UNSCORED_REASONS,
  type UnscoredReason,
  verdictNumber,
} from "../core/index.ts";

type Bounds = Pick<ScorerOptions, "scale">;

/**
 * What a scorer returned, as scores; the first is the verdict on the row. What is not a verdict is
 * unscored with its reason, never 0.
 *
 * @param output - Whatever came back: scorers are other people's code, in JavaScript too.
 */
export function toScores(output: unknown, options: Bounds): Score[] {
  if (output === null) return [unscored("not-applicable", "the scorer returned null")];
  if (output === undefined) {
    return [
      unscored("scorer-failed", "the scorer returned nothing; return null where it does not apply"),
    ];
  }
  if (Array.isArray(output)) {
    const scores = output.map((part) => toScore(part, options, true));
    if (!isVerdictFirst(scores)) return withVerdict(scores);
    // Parts beside the row's own verdict may be shares (`mass`, `flip_rate`), on a scale of their own.
    return [...scores.slice(0, 1), ...output.slice(1).map((part) => toScore(part, {}, true))];
  }
  return [toScore(output, options)];
}

export function unscored(reason: UnscoredReason, detail: string): Score {
  return { kind: "unscored", reason, detail: redactText(detail) };
}

export function scorerFailure(error: unknown): Score {
  return unscored("scorer-failed", describeError(error));
}

function toScore(output: unknown, options: Bounds, inList = false): Score {
  if (isPlainObject(output)) {
    // autoevals' scores in a list are told apart by their names.
    const part = textOrAbsent(output.part) ?? (inList ? textOrAbsent(output.name) : undefined);
    const score = fromObject(output, options);
    return part === undefined ? score : { ...score, part };
  }
  if (output === null && inList)
    return unscored("not-applicable", "the scorer returned null for it");
  return scored(output, undefined, options);
}

/** From our own form of a score, autoevals' `{ name, score, metadata, error }`, or MLflow's Feedback `{ value, rationale, error }`. */
function fromObject(output: { readonly [member: string]: unknown }, options: Bounds): Score {
  if (output.kind === "scored") return scored(output.value, output.rationale, options);
  if (output.kind === "unscored") {
    const reason = UNSCORED_REASONS.find((known) => known === output.reason) ?? "scorer-failed";
    return unscored(reason, textOrAbsent(output.detail) ?? "the scorer gave no reason");
  }
  // autoevals gives a score of 0 or null beside the error of a failure.
  const { error } = output;
  if (error !== undefined && error !== null) return scorerFailure(error);
  if (!("score" in output) && "value" in output) {
    // MLflow's Feedback.
    return output.value === null
      ? unscored("not-applicable", "no value was given")
      : scored(output.value, output.rationale, options);
  }
  if (!("score" in output)) return notAScore("an object");
  if (output.score === null || output.score === undefined) {
    return unscored("not-applicable", "no score was given");
  }
  if (typeof output.score === "string") return notAScore("a text as score");
  const { rationale } = isPlainObject(output.metadata) ? output.metadata : {};
  return scored(output.score, rationale, options);
}

function scored(value: unknown, rationale: unknown, { scale }: Bounds): Score {
  if (typeof value !== "number" && typeof value !== "boolean" && typeof value !== "string") {
    return notAScore(typeof value);
  }
  const worth = verdictNumber(value);
  if (worth !== undefined && !Number.isFinite(worth)) {
    return unscored("scorer-failed", `the scorer returned ${worth}`);
  }
  // A verdict off the scale is no evidence, and the interval of a bounded mean cannot be computed with it.
  if (worth !== undefined && scale !== undefined && (worth < scale[0] || worth > scale[1])) {
    return unscored("scorer-failed", `${value} is outside the scale ${scale[0]} to ${scale[1]}`);
  }
  return typeof rationale === "string"
    ? { kind: "scored", value, rationale }
    : { kind: "scored", value };
}

function notAScore(found: string): Score {
  return unscored("scorer-failed", `expected a number, boolean, string or Score, got ${found}`);
}

function textOrAbsent(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function isVerdictFirst(scores: readonly Score[]): boolean {
  const [first, ...others] = scores;
  return (
    first !== undefined &&
    first.part === undefined &&
    others.every(({ part }) => part !== undefined)
  );
}

/**
 * The first of a list is the verdict on the row and the others its parts, where the first alone names
 * no part. Otherwise all are parts, and their mean is the verdict; a part that failed leaves none.
 */
function withVerdict(parts: Score[]): Score[] {
  if (parts.length === 0) return [unscored("not-applicable", "the scorer returned no scores")];
  const known = parts.filter((part) => part.kind === "scored");
  const values = known.flatMap(({ value }) => verdictNumber(value) ?? []);
  const failed = parts.find((part) => part.kind === "unscored" && part.reason !== "not-applicable");
  if (failed?.kind === "unscored") {
    const detail = `${known.length} of ${parts.length} parts were scored; ${failed.part ?? "one"}: ${failed.detail}`;
    return [unscored(failed.reason, detail), ...parts];
  }
  if (values.length === 0 || values.length < known.length) {
    return [unscored("not-applicable", "the parts have no numbers to take a mean of"), ...parts];
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [{ kind: "scored", value: mean }, ...parts];
}
