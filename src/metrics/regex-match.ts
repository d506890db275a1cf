import { AssayError } from "../core/errors.ts";
import { defineScorer, type Scorer } from "../core/score.ts";
import { textOf } from "./text-scorer.ts";

export interface RegexMatchOptions {
  readonly pattern: RegExp | string;
  /** Of a pattern that is a text, e.g. `iu`. */
  readonly flags?: string;
  /** Default false: a match anywhere in the output will do. True: the whole output must match. */
  readonly full?: boolean;
  /** Default false. True: the output must not match; the name begins with `not_`. */
  readonly negate?: boolean;
  /** Default `regex_match`. */
  readonly name?: string;
}

/**
 * Whether the output text matches a regular expression.
 *
 * @throws {AssayError} `invalid-argument` for a pattern that is none.
 */
export function regexMatch(options: RegexMatchOptions): Scorer {
  const { full = false, negate = false } = options;
  const expression = compile(options);
  const name = options.name ?? `${negate ? "not_" : ""}regex_match`;
  return defineScorer(
    {
      name,
      scale: [0, 1],
      greaterIsBetter: true,
      source: { kind: "code" },
      fingerprint: `regex_match:${expression}${full ? ":full" : ""}${negate ? ":not" : ""}`,
    },
    ({ output }) => expression.test(textOf(output)) !== negate,
  );
}

function compile({ pattern, flags, full = false }: RegexMatchOptions): RegExp {
  const source = typeof pattern === "string" ? pattern : pattern.source;
  const given = flags ?? (typeof pattern === "string" ? "" : pattern.flags);
  try {
    // A global or sticky expression remembers where it stopped in the row before.
    return new RegExp(full ? `^(?:${source})$` : source, given.replace(/[gy]/g, ""));
  } catch (cause) {
    throw new AssayError(
      "invalid-argument",
      `Expected a regular expression: ${cause instanceof Error ? cause.message : "unreadable"}`,
      { cause },
    );
  }
}
