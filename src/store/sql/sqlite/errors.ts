import { AssayError, type ErrorCode } from "../../../core/index.ts";

/** Whether another connection holds a lock that is given back sooner or later. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED|PROTOCOL)/.test(sqliteCode(error) ?? "");
}

const MEANINGS: readonly [code: RegExp, meaning: ErrorCode, message: (name: string) => string][] = [
  [
    /^SQLITE_FULL/,
    "store-unavailable",
    (name) => `The disk that holds ${name} is full. Make room; what was written before is safe.`,
  ],
  [/^SQLITE_NOTADB/, "configuration", (name) => `${name} is not a SQLite database`],
  [
    /^SQLITE_CORRUPT/,
    "store-unavailable",
    (name) => `The database ${name} is damaged. Restore it from a copy, or name another one.`,
  ],
  [
    /^SQLITE_IOERR/,
    "store-unavailable",
    (name) => `Reading or writing ${name} failed. Check the disk.`,
  ],
  [
    /^SQLITE_(READONLY|CANTOPEN|PERM|AUTH)/,
    "store-unavailable",
    (name) =>
      `Cannot write to the tracking store at ${name}. Check the rights of the file and its folder.`,
  ],
  [
    /^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY|ROWID)/,
    "already-exists",
    (name) => `${name} already holds an entry with this key`,
  ],
  [
    /^SQLITE_CONSTRAINT_FOREIGNKEY/,
    "not-found",
    (name) => `What this entry belongs to is not in ${name}`,
  ],
];

/** What an error of SQLite means to a caller; any other error is returned as it is. */
export function toAssayError(error: unknown, name: string): unknown {
  const code = sqliteCode(error);
  if (code === undefined) return error;
  const [, meaning, message] = MEANINGS.find(([pattern]) => pattern.test(code)) ?? [
    /^/,
    "internal" as const,
    () => `The tracking store at ${name} refused a statement (${code})`,
  ];
  return new AssayError(meaning, message(name), { cause: error });
}

function sqliteCode(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && code.startsWith("SQLITE_") ? code : undefined;
}
