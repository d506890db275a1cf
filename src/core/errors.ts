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
  try {
    // Matched by name as well, so that an error from a second copy of the package is still recognised.
    const matches =
      error instanceof AssayError ||
      (error instanceof Error && error.name === "AssayError" && "code" in error);
    return matches && (codes.length === 0 || codes.includes((error as AssayError).code));
  } catch {
    // Getters of somebody's error may throw.
    return false;
  }
}

/** Errors that wrap errors: SDKs wrap what `fetch` wraps around what the socket said. */
const DEEPEST_CAUSE = 3;

const LONGEST_THROWN = 500;

/**
 * `Name: message (cause)` of anything that was thrown, on one line. Never throws, whatever its getters do.
 * The cause of an {@link AssayError} is left out: its message says what there is to say.
 */
export function describeError(error: unknown): string {
  try {
    return error instanceof Error ? describedError(error, 0) : describedValue(error);
  } catch {
    return "an error that cannot be read";
  }
}

function describedError(error: Error, depth: number): string {
  const message = oneLine(String(error.message));
  const text = message === "" ? String(error.name) : `${error.name}: ${message}`;
  if (isAssayError(error) || depth === DEEPEST_CAUSE) return text;
  // Of addresses that were tried one after another, the last says as much as all.
  const wrapped = error instanceof AggregateError ? error.errors.at(-1) : error.cause;
  if (!(wrapped instanceof Error)) return text;
  const said = oneLine(String(wrapped.message));
  const isQuoted = said !== "" && message.includes(said);
  return isQuoted ? text : `${text} (${describedError(wrapped, depth + 1)})`;
}

/** Not everybody throws errors. */
function describedValue(thrown: unknown): string {
  if (typeof thrown !== "object" || thrown === null) return String(thrown);
  const { name, message } = thrown as { readonly name?: unknown; readonly message?: unknown };
  if (typeof message === "string") {
    return oneLine(typeof name === "string" ? `${name}: ${message}` : message);
  }
  return (JSON.stringify(thrown) ?? String(thrown)).slice(0, LONGEST_THROWN);
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").trim();
}
