import { AssayError, type ErrorCode } from "../../../core/index.ts";

/** Whether another connection holds a lock that is given back sooner or later. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED|PROTOCOL)/.test(sqliteCode(error) ?? "");
}

const MEANINGS: readonly [code: RegExp, meaning: ErrorCode, message: (path: string) => string][] = [
  [/^SQLITE_FULL/, "store-unavailable", (path) => `The disk that holds ${path} is full`],
  [/^SQLITE_NOTADB/, "configuration", (path) => `${path} is not a SQLite database`],
  [/^SQLITE_CORRUPT/, "store-unavailable", (path) => `The database ${path} is damaged`],
  [/^SQLITE_IOERR/, "store-unavailable", (path) => `Reading or writing ${path} failed`],
  [
    /^SQLITE_(READONLY|CANTOPEN|PERM|AUTH)/,
    "store-unavailable",
    (path) => `Cannot write to the tracking store at ${path}`,
  ],
  [
    /^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY|ROWID)/,
    "already-exists",
    (path) => `${path} already holds an entry with this key`,
  ],
  [
    /^SQLITE_CONSTRAINT_FOREIGNKEY/,
    "not-found",
    (path) => `What this entry belongs to is not in ${path}`,
  ],
];

/** What an error of SQLite means to a caller; any other error is returned as it is. */
export function toAssayError(error: unknown, path: string): unknown {
  const code = sqliteCode(error);
  if (code === undefined) return error;
  const [, meaning, message] = MEANINGS.find(([pattern]) => pattern.test(code)) ?? [
    /^/,
    "internal" as const,
    () => `The tracking store at ${path} refused a statement (${code})`,
  ];
  return new AssayError(meaning, message(path), { cause: error });
}

function sqliteCode(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && code.startsWith("SQLITE_") ? code : undefined;
}
