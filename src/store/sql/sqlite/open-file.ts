import { type BigIntStats, statSync } from "node:fs";
import { AssayError } from "../../../core/index.ts";

/**
 * The file that a connection has open. SQLite goes on writing to one that was removed, moved or replaced,
 * and whatever it writes is lost.
 */
export class OpenFile {
  readonly #path: string;
  /** What messages call it. */
  readonly #name: string;
  readonly #opened: BigIntStats | undefined;

  /** @param path - Of a file that has just been opened. */
  constructor(path: string, name: string) {
    this.#path = path;
    this.#name = name;
    this.#opened = found(path);
  }

  /** @throws {AssayError} `store-unavailable` when its path leads to another file or to none. */
  check(): void {
    const now = found(this.#path);
    const isSame = now?.ino === this.#opened?.ino && now?.dev === this.#opened?.dev;
    if (now !== undefined && isSame) return;
    throw new AssayError(
      "store-unavailable",
      `The file of the tracking store ${this.#name} was ${now === undefined ? "removed or moved" : "replaced by another one"} while it was open, so that nothing can be kept in it. Put it back, or close the store and open it again.`,
    );
  }
}

/** `undefined` for a file that is not there or cannot be seen. */
function found(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
