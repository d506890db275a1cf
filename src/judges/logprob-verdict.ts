import type { TokenLogprob } from "../models/index.ts";
import type { VerdictShape } from "./verdict-shape.ts";

/** What a reply's log probabilities say of a verdict. */
export interface LogprobVerdict {
  /** The mean over the scale, each grade weighted by its probability. */
  readonly value: number;
  /** The probability that was on grades of the scale, in [0, 1]; the rest was on other words. */
  readonly mass: number;
  /** Normalised over the scale; by grade. */
  readonly probabilities: ReadonlyMap<number, number>;
}

/** A verdict as tokens spell it, and what it is worth. */
type Spelling = readonly [label: string, worth: number];

/** Whole numbers beyond this make a scale that one token cannot tell. */
const MOST_GRADES = 100;

/**
 * Why verdicts of this shape cannot be weighted by probability; `undefined` where they can.
 */
export function whyNotByLogprobs(shape: VerdictShape): string | undefined {
  if (shape.kind === "number") {
    const { low, high } = shape;
    const isWhole = Number.isInteger(low) && Number.isInteger(high) && high - low < MOST_GRADES;
    return isWhole ? undefined : "its scale does not go from one whole number to another";
  }
  if (shape.kind !== "labels") return "its verdict is a text";
  const isWorth = [...shape.values.values()].every((value) => typeof value !== "string");
  return isWorth ? undefined : "its labels are worth no numbers";
}

/**
 * The probability-weighted mean over the grades of a scale: p(k) is the sum of the probabilities of the
 * tokens that spell k, and the verdict Σ k·p(k) / Σ p(k), whose denominator is the mass.
 *
 * Read at the first token of the reply that says anything. A token that only begins a label counts for it
 * where it begins no other.
 *
 * @see Liu et al. (2023), G-Eval, arXiv:2303.16634, whose mean is over samples and not normalised.
 * @returns `undefined` where no grade has any probability.
 */
export function logprobVerdict(
  tokens: readonly TokenLogprob[],
  shape: VerdictShape,
): LogprobVerdict | undefined {
  const at = tokens.findIndex(({ token }) => bareToken(token) !== "");
  const place = tokens[at];
  if (place === undefined) return undefined;
  const spellings = spellingsOf(shape);
  const isCaseSensitive = shape.kind === "labels" && shape.isCaseSensitive === true;
  // "1" may be the beginning of "10": then what was meant stands in the next token.
  const next = bareToken(tokens[at + 1]?.token ?? "");
  const isNumber = shape.kind === "number";
  if (isNumber && /^\d/.test(next) && /^\d+$/.test(bareToken(place.token))) return undefined;

  const { token, logprob, alternatives } = place;
  const all = alternatives.some((other) => other.token === token)
    ? alternatives
    : [{ token, logprob }, ...alternatives];
  const weights = new Map<number, number>();
  for (const one of all) {
    const worth = worthOf(bareToken(one.token), spellings, isCaseSensitive);
    if (worth === undefined) continue;
    weights.set(worth, (weights.get(worth) ?? 0) + Math.exp(one.logprob));
  }
  const mass = [...weights.values()].reduce((sum, p) => sum + p, 0);
  if (mass === 0) return undefined;
  let value = 0;
  for (const [worth, p] of weights) value += worth * p;
  const probabilities = new Map([...weights].map(([worth, p]) => [worth, p / mass]));
  return { value: value / mass, mass: Math.min(1, mass), probabilities };
}

function spellingsOf(shape: VerdictShape): Spelling[] {
  if (shape.kind === "number") {
    const grades = Array.from({ length: shape.high - shape.low + 1 }, (_, k) => shape.low + k);
    return grades.map((grade) => [String(grade), grade]);
  }
  if (shape.kind !== "labels") return [];
  return [...shape.values].map(([label, worth]) => [label, Number(worth)]);
}

function worthOf(
  token: string,
  spellings: readonly Spelling[],
  isCaseSensitive: boolean,
): number | undefined {
  if (token === "") return undefined;
  const fold = (text: string) => (isCaseSensitive ? text : text.toLowerCase());
  const exact = spellings.find(([label]) => fold(label) === fold(token));
  if (exact !== undefined) return exact[1];
  if (/^\d+$/.test(token)) return undefined;
  const begun = new Set(
    spellings.filter(([label]) => fold(label).startsWith(fold(token))).map(([, worth]) => worth),
  );
  const [only] = begun;
  return begun.size === 1 ? only : undefined;
}

/** Tokens carry spaces, and models like to quote or embolden a grade. */
function bareToken(token: string): string {
  return token.replace(/^[\s"'`*_([]+|[\s"'`*_)\].,:]+$/g, "");
}
