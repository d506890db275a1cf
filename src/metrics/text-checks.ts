import { digestOf } from "../core/digest.ts";
import { AssayError } from "../core/errors.ts";
import { defineScorer, type Scorer } from "../core/score.ts";
import { notApplicable } from "./not-applicable.ts";
import { referenceTexts, textOf } from "./text-scorer.ts";

export interface TextCheckOptions {
  /** Default false. */
  readonly ignoreCase?: boolean;
  /** Default false. True: the check must fail for the row to pass; the name begins with `not_`. */
  readonly negate?: boolean;
  /** Default the name of the check; several of one kind need names of their own. */
  readonly name?: string;
}

/**
 * Whether the output contains the text.
 *
 * @param text - Default each row's `expected_response`; of a list, any member will do.
 */
export function contains(text?: string, options: TextCheckOptions = {}): Scorer {
  return textCheck("contains", text, options, (output, texts) =>
    texts.some((wanted) => output.includes(wanted)),
  );
}

/** Whether the output contains at least one of the texts; default each row's `expected_response`. */
export function containsAny(texts?: readonly string[], options: TextCheckOptions = {}): Scorer {
  return textCheck("contains_any", texts, options, (output, wanted) =>
    wanted.some((text) => output.includes(text)),
  );
}

/** Whether the output contains all of the texts; default each row's `expected_response`. */
export function containsAll(texts?: readonly string[], options: TextCheckOptions = {}): Scorer {
  return textCheck("contains_all", texts, options, (output, wanted) =>
    wanted.every((text) => output.includes(text)),
  );
}

/** Whether the output begins with the text; default each row's `expected_response`. */
export function startsWith(text?: string, options: TextCheckOptions = {}): Scorer {
  return textCheck("starts_with", text, options, (output, texts) =>
    texts.some((wanted) => output.startsWith(wanted)),
  );
}

/** Whether the output ends with the text; default each row's `expected_response`. */
export function endsWith(text?: string, options: TextCheckOptions = {}): Scorer {
  return textCheck("ends_with", text, options, (output, texts) =>
    texts.some((wanted) => output.endsWith(wanted)),
  );
}

function textCheck(
  kind: string,
  given: string | readonly string[] | undefined,
  { ignoreCase = false, negate = false, name }: TextCheckOptions,
  check: (output: string, texts: readonly string[]) => boolean,
): Scorer {
  const fixed = given === undefined ? undefined : [given].flat();
  if (fixed?.length === 0 || fixed?.some((text) => typeof text !== "string")) {
    throw new AssayError("invalid-argument", `Expected ${kind} to be given at least one text`);
  }
  const form = (text: string) => (ignoreCase ? text.toLowerCase() : text);
  const wanted = fixed?.map(form);
  const scorerName = name ?? `${negate ? "not_" : ""}${kind}`;
  const flags = [ignoreCase ? ":case" : "", negate ? ":not" : ""].join("");
  return defineScorer(
    {
      name: scorerName,
      scale: [0, 1],
      greaterIsBetter: true,
      source: { kind: "code" },
      isImmediate: true,
      ...(fixed === undefined && { requires: ["expected_response"] }),
      fingerprint: `${kind}${flags}${fixed === undefined ? "" : `:${digestOf(fixed)}`}`,
    },
    ({ output, expectations }) => {
      const texts = wanted ?? referenceTexts(expectations.expected_response).map(form);
      if (texts.length === 0) {
        return notApplicable(
          `${scorerName} needs a text, or \`expectations.expected_response\`; the row has none`,
        );
      }
      return check(form(textOf(output)), texts) !== negate;
    },
  );
}
