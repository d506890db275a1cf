import { AssayError } from "../core/errors.ts";

/** @throws {AssayError} `invalid-argument` for a value of an option that is not one of those allowed. */
export function checkChoice(option: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return;
  throw new AssayError(
    "invalid-argument",
    `Expected \`${option}\` to be one of ${allowed.join(", ")}; got ${String(value)}`,
  );
}
