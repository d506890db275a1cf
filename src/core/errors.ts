/** Every way Assay can fail, as a closed set. Callers match on `code`, never on the message. */
export const ERROR_CODES = [
  /** A value, option, row, file or expression that Assay cannot accept. */
  "invalid-argument",
  /** A missing SDK, key, or setting; also a key the provider rejected. */
  "configuration",
  "not-found",
  "already-exists",
  /** The operation contradicts the state of what it touches (a deleted run, a changed param). */
  "conflict",
  /** A service or file that should answer and does not; trying again later can help. */
  "unavailable",
  /** The tracking store cannot be opened, read or written: disk, rights, server. What was acknowledged is safe. */
  "store-unavailable",
  /** The provider answered, but refused this call or returned something unusable. */
  "provider",
  "cancelled",
  /** A defect in Assay itself. */
  "internal",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/**
 * The one error class of Assay. Its message says what was expected, what was found and what to do;
 * it never quotes prompts, model outputs, headers or keys.
 */
export class AssayError extends Error {
  override readonly name = "AssayError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** Whether `error` is an {@link AssayError}, optionally with one of the given codes. */
export function isAssayError(error: unknown, ...codes: ErrorCode[]): error is AssayError {
  // Matched by name as well, so that an error from a second copy of the package is still recognised.
  const matches =
    error instanceof AssayError ||
    (error instanceof Error && error.name === "AssayError" && "code" in error);
  return matches && (codes.length === 0 || codes.includes((error as AssayError).code));
}

/** `Name: message` of anything that was thrown, on one line. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = error.message.replace(/\s*\n\s*/g, " ").trim();
  return message === "" ? error.name : `${error.name}: ${message}`;
}
