import { redactText } from "./redact.ts";

/** What a secret of usual length may need beyond the end, to be known for one. */
const LOOKAHEAD = 2000;

/** A text that a user gave as it may stand in a message: without secrets, shortened. */
export function quotable(text: string, length = 200): string {
  const shown = redactText(text.slice(0, length + LOOKAHEAD));
  return shown.length > length ? `${shown.slice(0, length)}…` : shown;
}
