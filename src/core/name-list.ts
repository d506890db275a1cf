/** Without blanks at its ends or several at once, and without what lists are made of. */
const PLAIN = /^[^\s,"]+(?: [^\s,"]+)*$/u;

/** Names from data in a message; one whose blanks could not be seen is quoted: `question, " answer"`. */
export function nameList(names: readonly string[]): string {
  return names.map((name) => (PLAIN.test(name) ? name : JSON.stringify(name))).join(", ") || "none";
}
