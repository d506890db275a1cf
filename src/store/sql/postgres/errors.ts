import {
  AssayError,
  describeError,
  type ErrorCode,
  isAssayError,
  redactText,
} from "../../../core/index.ts";

const UNREACHABLE = /^(ECONN|ENOTFOUND|EHOST|ENET|EPIPE|ETIMEDOUT|EAI_|08|57P0)/;

// Of `pg` itself, which gives these no code. After a read timeout nobody knows what the answer belongs to.
const CONNECTION_LOST =
  /connection terminated|connection timeout|timeout expired|query read timeout|not queryable|client has encountered a connection error/i;

const MEANINGS: readonly [code: RegExp, meaning: ErrorCode, message: (name: string) => string][] = [
  [
    /^28/,
    "configuration",
    (name) => `PostgreSQL refused the user or password of ${name}. Check both in the tracking URI.`,
  ],
  [/^3D000/, "configuration", (name) => `There is no database of the name in ${name}. Create it.`],
  [
    /^42501/,
    "configuration",
    (name) => `The user of ${name} may not do what Assay needs. Grant it rights on the schema.`,
  ],
  [
    /^3F000/,
    "configuration",
    (name) => `The search_path of ${name} names no schema. Create one, or correct the path.`,
  ],
  [
    /^(57014|55P03)/,
    "store-unavailable",
    (name) => `The server of ${name} gave a statement up: it took too long or waited for a lock.`,
  ],
  [/^53100/, "store-unavailable", (name) => `The disk of the server of ${name} is full`],
  [/^53/, "store-unavailable", (name) => `The server of ${name} is out of connections or memory`],
  [/^25006/, "store-unavailable", (name) => `The database ${name} is read-only`],
  [/^23505/, "already-exists", (name) => `${name} already holds an entry with this key`],
  [/^23503/, "not-found", (name) => `What this entry belongs to is not in ${name}`],
  [/^(22021|22P05)/, "invalid-argument", () => "A text holds characters that cannot be stored"],
  [/^2201B/, "invalid-argument", () => "PostgreSQL does not take this regular expression"],
];

/** Whether the connection is gone; another one may work. */
export function isConnectionLost(error: unknown): boolean {
  return (
    error instanceof Error &&
    (UNREACHABLE.test(codeOf(error) ?? "") || CONNECTION_LOST.test(error.message))
  );
}

/** Whether a connection that was there has been cut: the server or the line may be back in a moment. */
export function isCutOff(error: unknown): boolean {
  return causesOf(error).some(
    (cause) =>
      /^(ECONNRESET|EPIPE|08|57P0)/.test(codeOf(cause) ?? "") ||
      (cause instanceof Error && /connection terminated unexpectedly/i.test(cause.message)),
  );
}

/** Whether an error, as callers get it, says that the server could not be reached. */
export function isUnreachable(error: unknown): boolean {
  return causesOf(error).some(isConnectionLost);
}

/** Whether the server broke the transaction off for the sake of another; repeated, it may succeed. */
export function isBrokenOff(error: unknown): boolean {
  return causesOf(error).some((cause) => /^40(001|P01)/.test(codeOf(cause) ?? ""));
}

/** What an error of PostgreSQL or of its driver means to a caller; any other is returned as it is. */
export function toAssayError(error: unknown, name: string): unknown {
  if (isConnectionLost(error)) {
    const message = `The PostgreSQL server of ${name} cannot be reached. Is it running, and are host and port right?`;
    return new AssayError("store-unavailable", message, { cause: error });
  }
  const code = codeOf(error);
  if (code === undefined || !/^[0-9A-Z]{5}$/.test(code)) return error;
  const [, meaning, message] = MEANINGS.find(([pattern]) => pattern.test(code)) ?? [
    /^/,
    "internal" as const,
    () => `The tracking store at ${name} refused a statement (${code})`,
  ];
  return new AssayError(meaning, message(name), { cause: error });
}

/** Options of a URI can fail in ways that are no error of PostgreSQL: a certificate that is not there. */
export function connectionError(error: unknown, name: string): unknown {
  const known = toAssayError(error, name);
  if (isAssayError(known)) return known;
  return new AssayError(
    "configuration",
    `Cannot connect to ${name}: ${redactText(describeError(error))}`,
    { cause: error },
  );
}

/** The error with what caused it, outermost first: who passes an error on wraps it. */
function causesOf(error: unknown): readonly unknown[] {
  const causes: unknown[] = [];
  for (let at = error; at instanceof Error && !causes.includes(at); at = at.cause) causes.push(at);
  return causes;
}

function codeOf(error: unknown): string | undefined {
  // Node reports several addresses of one host as one error that holds them all.
  const one = error instanceof AggregateError ? error.errors[0] : error;
  const code = one instanceof Error && "code" in one ? one.code : undefined;
  return typeof code === "string" ? code : undefined;
}
