import { AssayError } from "../core/index.ts";
import type { ByteSource } from "./bytes.ts";

/** Which line of a text is being read; 1 for the first. */
export interface LineCount {
  line: number;
}

/**
 * The text of a UTF-8 source, a chunk at a time, without its byte order mark.
 *
 * @param at - Kept by who reads, so that a message can name the line.
 * @throws {AssayError} `invalid-argument` for a source that cannot be read, or in another encoding,
 *   whose letters would otherwise silently become question marks.
 */
export async function* readText(source: ByteSource, at: LineCount): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let isFirst = true;
  const decode = (bytes?: Uint8Array) => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      const line = at.line + linesBeforeError(bytes ?? new Uint8Array());
      throw refused(source, line, "expected text encoded in UTF-8");
    }
  };
  try {
    for await (const bytes of source.read()) {
      if (isFirst && isUtf16(bytes)) {
        throw refused(source, undefined, "is encoded in UTF-16; save it as UTF-8");
      }
      isFirst = false;
      yield decode(bytes);
    }
  } catch (error) {
    throw located(error, source, at);
  }
  yield decode();
}

/**
 * The lines of a UTF-8 source, many at a time. Only LF ends a line: inside JSON, U+2028 and its like are
 * text. The CR of a CRLF stays; to JSON it is space.
 */
export async function* readLines(source: ByteSource, at: LineCount): AsyncGenerator<string[]> {
  let unfinished: string[] = [];
  for await (const chunk of readText(source, at)) {
    const lines = chunk.split("\n");
    if (lines.length > 1 && unfinished.length > 0) {
      lines[0] = [...unfinished, lines[0]].join("");
      unfinished = [];
    }
    unfinished.push(lines.pop() as string);
    if (lines.length > 0) yield lines;
  }
  yield [unfinished.join("")];
}

/** The byte order mark, or a letter of ASCII in two bytes. */
function isUtf16([first, second]: Uint8Array): boolean {
  const hasMark = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return hasMark || (second !== undefined && (first === 0) !== (second === 0));
}

/** How many lines end before the first byte that is no UTF-8. The bytes may begin and end within a letter. */
function linesBeforeError(bytes: Uint8Array): number {
  let line = 0;
  let start = 0;
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
    // What the first begins with may belong to a letter of the chunk before: it is left to the end.
    if (line > 0 && !isUtf8Beginning(bytes.subarray(start, end))) return line;
    start = end + 1;
    line += 1;
  }
  return isUtf8Beginning(bytes.subarray(start)) ? 0 : line;
}

function isUtf8Beginning(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** What broke off in the middle says in which line. */
function located(error: unknown, { name }: ByteSource, at: LineCount): unknown {
  const prefix = `${name}: `;
  if (!(error instanceof AssayError) || at.line <= 1 || !error.message.startsWith(prefix)) {
    return error;
  }
  const message = `${name} line ${at.line}: ${error.message.slice(prefix.length)}`;
  return new AssayError(error.code, message, { cause: error.cause });
}

function refused(source: ByteSource, line: number | undefined, problem: string): AssayError {
  const where = line === undefined ? source.name : `${source.name} line ${line}`;
  return new AssayError("invalid-argument", `${where}: ${problem}`);
}
