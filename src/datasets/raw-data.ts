import { AssayError } from "../core/index.ts";
import { openFile, readStdin, STDIN_NAME } from "./data-file.ts";
import { fromIterable, isIterable, type Rows } from "./iterable-rows.ts";
import type { Portions } from "./raw-row.ts";

/** Rows that are not in a tracking store: a file, `-` for standard input, or anything that yields rows. */
export type RawData = string | readonly object[] | Rows | (() => Rows | Promise<Rows>);

/** Rows as their source has them. */
export interface RawRows {
  /** What messages and runs call them. */
  readonly name: string;
  /**
   * How they can be read: `stored` ones cheaply and often; `made` ones by calling the user's function
   * again; others `once`.
   */
  readonly access: "stored" | "made" | "once";
  read(): Portions;
}

/**
 * @param baseDir - Folder that a relative path starts from.
 * @throws {AssayError} `invalid-argument` for a file that is missing or of an unknown kind.
 */
export async function openRaw(data: RawData, baseDir = "."): Promise<RawRows> {
  if (data === "-") {
    return { name: STDIN_NAME, access: "once", read: () => readStdin(process.stdin) };
  }
  if (typeof data === "string") return { access: "stored", ...(await openFile(data, baseDir)) };
  if (typeof data === "function") {
    return { name: "rows", access: "made", read: () => fromIterable(data) };
  }
  if (Array.isArray(data)) {
    return { name: "rows", access: "stored", read: () => fromIterable(() => data) };
  }
  if (isIterable(data)) {
    return { name: "stream", access: "once", read: () => fromIterable(() => data) };
  }
  throw new AssayError(
    "invalid-argument",
    "Expected `data` to be rows, a path, or something that yields rows",
  );
}
