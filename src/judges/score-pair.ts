import { isPlainObject } from "../core/index.ts";
import { embeddedObjects, parseLenientJson } from "./embedded-json.ts";
import type { ParsedReply } from "./parse-verdict.ts";
import type { ReplyForm } from "./reply-form.ts";

/** Scores of two answers, in the order in which they were shown. */
export type ScorePair = readonly [first: number, second: number];

type Scale = readonly [low: number, high: number];

/** `9 8.5`, `9, 8`, `9/8`: a line that is two numbers and nothing else, decoration aside. */
const TWO_NUMBERS =
  /^[\s"'`*_[(]*(-?\d+(?:\.\d+)?)[\s"'`*_]*(?:[,;/|:]|\s|and|vs\.?)[\s"'`*_]*(-?\d+(?:\.\d+)?)[\s"'`*_\])]*\.?$/i;

export function scorePairForm([low, high]: Scale): ReplyForm<ScorePair> {
  const score = { type: "number", minimum: low, maximum: high };
  return {
    description: `two numbers from ${low} to ${high}`,
    instruction: `Reply with one JSON object and nothing else. First "rationale": why, in one to three sentences. Then "first" and "second": the score of each answer, a number from ${low} to ${high}.`,
    schema: {
      type: "object",
      properties: { rationale: { type: "string" }, first: score, second: score },
      required: ["rationale", "first", "second"],
      additionalProperties: false,
    },
    parse: (reply) => parseScorePair(reply, [low, high]),
  };
}

/** `Assistant 1: 10`, `**Score of the second answer** = 8/10`: a line that names one of the two and its score. */
const ONE_OF_TWO =
  /^[\s"'`*_\-#(]*([^:=\n]{0,40}?\b(?:1|2|a|b|one|two|first|second)\b[^:=\n]{0,20})[\s"'`*_)]*[:=][\s"'`*_]*(-?\d+(?:\.\d+)?)(?:\s*\/\s*\d+)?[\s"'`*_]*\.?$/i;

/**
 * Reads two scores: an object's `first` and `second`; else the first line that is two numbers alone, which
 * is where judges that were asked for such a line write it; else the last line for each of the two.
 */
export function parseScorePair(reply: string, [low, high]: Scale): ParsedReply<ScorePair> {
  const text = reply.replace(/^\s*<think(?:ing)?>.*?<\/think(?:ing)?>/s, "").trim();
  if (text === "") return { ok: false, problem: "it is empty" };
  const objects = [parseLenientJson(text), ...embeddedObjects(text).map(({ value }) => value)];
  const object = objects.findLast((value) => isPlainObject(value) && "first" in value);
  const found = isPlainObject(object) ? fromObject(object) : fromLines(text);
  if (found === undefined) return { ok: false, problem: "it names no two scores" };
  const [first, second, rationale] = found;
  if (![first, second].every((score) => score >= low && score <= high)) {
    return { ok: false, problem: `a score of it is outside ${low} to ${high}` };
  }
  const value: ScorePair = [first, second];
  return { ok: true, value, ...(rationale !== "" && { rationale }) };
}

type Found = readonly [first: number, second: number, rationale: string];

function fromObject({
  first,
  second,
  rationale,
}: {
  readonly [key: string]: unknown;
}): Found | undefined {
  const [one, two] = [first, second].map((score) =>
    typeof score === "number" || (typeof score === "string" && score.trim() !== "")
      ? Number(score)
      : Number.NaN,
  ) as [number, number];
  if (Number.isNaN(one) || Number.isNaN(two)) return undefined;
  return [one, two, typeof rationale === "string" ? rationale.trim() : ""];
}

function fromLines(text: string): Found | undefined {
  const lines = text.split("\n");
  const at = lines.findIndex((line) => TWO_NUMBERS.test(line.trim()));
  const match = TWO_NUMBERS.exec(lines[at]?.trim() ?? "");
  if (match === null) return fromTwoLines(lines);
  const rest = [...lines.slice(0, at), ...lines.slice(at + 1)].join("\n").trim();
  return [Number(match[1]), Number(match[2]), rest];
}

function fromTwoLines(lines: readonly string[]): Found | undefined {
  const named = lines.flatMap((line) => {
    const [, name = "", score = ""] = ONE_OF_TWO.exec(line.trim()) ?? [];
    return name === ""
      ? []
      : [{ isFirst: /\b(?:1|a|one|first)\b/i.test(name), score: Number(score) }];
  });
  const first = named.findLast(({ isFirst }) => isFirst);
  const second = named.findLast(({ isFirst }) => !isFirst);
  if (first === undefined || second === undefined) return undefined;
  return [first.score, second.score, lines.join("\n").trim()];
}
