import { createReadStream } from "node:fs";
import { AssayError } from "../core/index.ts";

/**
 * The text of a UTF-8 file, a chunk at a time, without its byte order mark.
 *
 * @throws {AssayError} `invalid-argument` for a file that cannot be read, or in another encoding,
 *   whose letters would otherwise silently become question marks.
 */
export async function* readText(path: string, name: string): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for await (const bytes of createReadStream(path)) {
      yield decoder.decode(bytes as Uint8Array, { stream: true });
    }
    yield decoder.decode();
  } catch (cause) {
    const problem =
      cause instanceof TypeError
        ? "expected text encoded in UTF-8"
        : `cannot be read (${(cause as NodeJS.ErrnoException).code ?? "unknown error"})`;
    throw new AssayError("invalid-argument", `${name}: ${problem}`, { cause });
  }
}

/**
 * The lines of a UTF-8 file. Only LF ends a line: inside JSON, U+2028 and its like are text. The CR
 * of a CRLF stays; to JSON it is space.
 */
export async function* readLines(path: string, name: string): AsyncGenerator<string> {
  let unfinished: string[] = [];
  for await (const chunk of readText(path, name)) {
    const pieces = chunk.split("\n");
    const rest = pieces.pop() as string;
    for (const piece of pieces) {
      yield [...unfinished, piece].join("");
      unfinished = [];
    }
    unfinished.push(rest);
  }
  yield unfinished.join("");
}
