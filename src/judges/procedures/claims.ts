import type { Score } from "../../core/index.ts";
import { isPlainObject } from "../../core/index.ts";
import { embeddedObjects, parseLenientJson } from "../embedded-json.ts";
import type { ParsedReply } from "../parse-verdict.ts";
import { asPart, notApplicable, type Procedure, shareOf, withParts } from "../procedure.ts";
import type { ReplyForm } from "../reply-form.ts";
import { type Segment, templateText, variablesOf } from "../template.ts";

/** What an answer of some length states. */
const USUAL_CLAIMS = 4;
/** More are not judged one by one: the answer is no answer but a document. */
const MOST_CLAIMS = 100;

/**
 * The statements of the answer are listed by one call and judged by one each; the row's score is the share
 * of the good ones. An answer that states nothing is not applicable, not perfect.
 */
export function perClaim(extraction: readonly Segment[]): Procedure {
  return {
    name: "claims",
    identity: [templateText(extraction)],
    verdicts: () => USUAL_CLAIMS + 1,
    run: async ({ texts, verdict, ask }) => {
      const whole = texts(new Map([["claim", ""]]));
      if ("missing" in whole) return [notApplicable(whole.missing)];
      const wanted = variablesOf(extraction);
      const shown = new Map([...whole.found].filter(([variable]) => wanted.includes(variable)));
      const claims = await ask(extraction, shown, CLAIMS_FORM);
      if (claims.kind === "unscored") return [claims];
      if (claims.value.length === 0) return [notApplicable("the answer makes no statement")];
      const parts = await Promise.all(
        claims.value.map(async (claim, index): Promise<Score> => {
          const given = new Map([...whole.found, ["claim", claim] as const]);
          const scores = await verdict(given);
          return asPart(scores, `claim ${index + 1}: ${claim}`);
        }),
      );
      return withParts(parts, (values) => shareOf(values, "claims"));
    },
  };
}

export const CLAIMS_FORM: ReplyForm<readonly string[]> = {
  description: "a list of statements",
  instruction:
    'Reply with one JSON object and nothing else, whose member "claims" is the list of statements as texts, in their order; an empty list where there is none.',
  schema: {
    type: "object",
    properties: { claims: { type: "array", items: { type: "string" } } },
    required: ["claims"],
    additionalProperties: false,
  },
  parse: parseClaims,
};

/** The list as JSON, in a fence or bare; else the items of a numbered or bulleted list. */
function parseClaims(reply: string): ParsedReply<readonly string[]> {
  const text = reply.replace(/^\s*<think(?:ing)?>.*?<\/think(?:ing)?>/s, "").trim();
  const fenced = /```(?:json)?\s*(.*?)```/is.exec(text)?.[1] ?? text;
  const whole = parseLenientJson(fenced);
  const objects = embeddedObjects(text).map(({ value }) => value);
  const list = [whole, ...objects.toReversed()].map(listIn).find((found) => found !== undefined);
  const claims = list ?? itemsOf(text);
  if (claims === undefined) return { ok: false, problem: "it holds no list of statements" };
  if (claims.length > MOST_CLAIMS) {
    return {
      ok: false,
      problem: `it holds ${claims.length} statements, and ${MOST_CLAIMS} are the most`,
    };
  }
  return { ok: true, value: claims };
}

function listIn(value: unknown): string[] | undefined {
  const list = isPlainObject(value) ? (value.claims ?? value.statements) : value;
  if (!Array.isArray(list)) return undefined;
  const texts = list.map((member: unknown) =>
    isPlainObject(member) ? (member.claim ?? member.statement ?? member.text) : member,
  );
  return texts.every((member) => typeof member === "string")
    ? texts.map((member) => member.trim()).filter((member) => member !== "")
    : undefined;
}

function itemsOf(text: string): string[] | undefined {
  const items = text
    .split("\n")
    .flatMap((line) => /^\s*(?:\d+[.)]|[-*•])\s+(.+)$/.exec(line)?.[1]?.trim() ?? []);
  return items.length === 0 ? undefined : items;
}
