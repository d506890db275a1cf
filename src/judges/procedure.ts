import type { Score, ScorerInput } from "../core/index.ts";
import type { Answer } from "./ask-judge.ts";
import type { ReplyForm, VerdictValue } from "./reply-form.ts";
import type { Segment } from "./template.ts";

/** The texts that a prompt places, by variable. */
export type Texts = ReadonlyMap<string, string>;

/** What a procedure may ask for one sample. */
export interface Asking {
  readonly sample: ScorerInput;
  /** Those of the row, with some of them given; or why the row cannot be judged. */
  texts(given?: Texts): { readonly found: Texts } | { readonly missing: string };
  /** The judge's verdict on these texts, and then its votes where it has several. */
  verdict(texts: Texts): Promise<readonly Score[]>;
  /** Another question to the same model. */
  ask<Value>(
    template: readonly Segment[],
    texts: Texts,
    form: ReplyForm<Value>,
  ): Promise<Answer<Value>>;
}

/** How a sample becomes questions, and their answers its scores: the first is the verdict on the row. */
export interface Procedure {
  /** Part of the fingerprint. */
  readonly name: string;
  /** Further prompts of it, and what else decides on its scores; part of the fingerprint as well. */
  readonly identity?: readonly string[];
  /** Parts that each result may have and whose means are metrics. */
  readonly partMetrics?: readonly string[];
  /** How many verdicts a sample takes, as far as that can be told beforehand; default 1. */
  readonly verdicts?: (sample: ScorerInput) => number;
  run(asking: Asking): Promise<readonly Score[]>;
}

/** One question about the row as a whole. */
export const WHOLE_ROW: Procedure = {
  name: "row",
  run: async ({ texts, verdict }) => {
    const given = texts();
    return "missing" in given ? [notApplicable(given.missing)] : verdict(given.found);
  },
};

export function notApplicable(detail: string): Score {
  return { kind: "unscored", reason: "not-applicable", detail };
}

/** An answer as a score. */
export function toScore(answer: Answer<VerdictValue>): Score {
  if (answer.kind === "unscored") return answer;
  const { value, rationale } = answer;
  return { kind: "scored", value, ...(rationale === undefined ? {} : { rationale }) };
}

/** The verdict on a part of the row, whose own votes are left out. */
export function asPart([score]: readonly Score[], part: string): Score {
  return { ...(score as Score), part };
}

/**
 * Parts and what they come to. A part without a verdict leaves the row without one: a mean over what
 * happened to work would flatter.
 */
export function withParts(
  parts: readonly Score[],
  reduce: (values: readonly number[]) => { readonly value: number; readonly rationale: string },
): Score[] {
  const failed = parts.find((part) => part.kind === "unscored" && part.reason !== "not-applicable");
  const scored = parts.filter((part) => part.kind === "scored");
  if (failed?.kind === "unscored") {
    const detail = `${scored.length} of ${parts.length} parts were judged; ${failed.part ?? "one"}: ${failed.detail}`;
    return [{ kind: "unscored", reason: failed.reason, detail }, ...parts];
  }
  if (scored.length === 0) return [notApplicable("there is nothing to judge"), ...parts];
  const values = scored.map(({ value }) => Number(value));
  return [{ kind: "scored", ...reduce(values) }, ...parts];
}

/** `3 of 4 yes`: a share of the best verdict as a phrase. */
export function shareOf(values: readonly number[], what: string) {
  const value = values.reduce((sum, one) => sum + one, 0) / values.length;
  const good = values.filter((one) => one === 1).length;
  return { value, rationale: `${good} of ${values.length} ${what}.` };
}
