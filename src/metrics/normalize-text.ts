import { checkChoice } from "./check-choice.ts";

/** Differences between texts that do not count; none of them by default. */
export interface TextNormalization {
  readonly ignoreCase?: boolean;
  /** Punctuation of every script; symbols such as `+` and `€` count. */
  readonly ignorePunctuation?: boolean;
  /** `collapse` reads each run of white space as one space and none at the ends, `remove` leaves all out. */
  readonly whitespace?: "keep" | "collapse" | "remove";
  /** Unicode normal form that texts are compared in. NFC makes the two ways to write "é" equal, NFKC full-width letters too. */
  readonly unicode?: "NFC" | "NFD" | "NFKC" | "NFKD";
}

const WHITESPACE = ["keep", "collapse", "remove"];
const FORMS = ["NFC", "NFD", "NFKC", "NFKD"];

/**
 * The function that brings a text into the described form.
 *
 * @throws {AssayError} `invalid-argument` for a form or white space rule that does not exist.
 */
export function textNormalizer(options: TextNormalization): (text: string) => string {
  const { ignoreCase, ignorePunctuation, whitespace = "keep", unicode } = options;
  checkChoice("whitespace", whitespace, WHITESPACE);
  if (unicode !== undefined) checkChoice("unicode", unicode, FORMS);
  return (text) => {
    let form = unicode === undefined ? text : text.normalize(unicode);
    if (ignoreCase === true) form = form.toLowerCase();
    if (ignorePunctuation === true) form = form.replace(/\p{P}/gu, "");
    if (whitespace === "remove") return form.replace(/\s+/g, "");
    return whitespace === "collapse" ? form.trim().replace(/\s+/g, " ") : form;
  };
}

/** The options in words, for a scorer's fingerprint. */
export function describeNormalization(options: TextNormalization): string {
  const { ignoreCase, ignorePunctuation, whitespace = "keep", unicode } = options;
  return [
    ...(unicode === undefined ? [] : [unicode]),
    ...(ignoreCase === true ? ["case"] : []),
    ...(ignorePunctuation === true ? ["punctuation"] : []),
    ...(whitespace === "keep" ? [] : [`whitespace=${whitespace}`]),
  ].join(",");
}
