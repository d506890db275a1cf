import { MASK, type Rule } from "./rule.ts";

const LABEL = "(?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?";
const BEGIN = `-----BEGIN ${LABEL}-----`;
const WHOLE = `${BEGIN}(?:[^"'-]|-(?!----)){1,20000}-----END ${LABEL}-----`;
/** What is left of one that was cut off; the header alone, as in a sentence, is no key. */
const CUT_OFF = String.raw`${BEGIN}(?:(?:\s|\\+[nr]){0,9}[A-Za-z0-9+/=]{40,100}){1,500}`;

/** Private keys in PEM. */
export const privateKeys: Rule = {
  hint: "(?<=-)----BEGIN ",
  pattern: new RegExp(`${WHOLE}|${CUT_OFF}`, "g"),
  replacement: MASK,
};
