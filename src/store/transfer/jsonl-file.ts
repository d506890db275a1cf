import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { AssayError } from "../../core/index.ts";

const BUFFERED_CHARACTERS = 1 << 16;
const LINE_FEED = 10;

/** A file of one JSON value per line that is being written, and what its lines add up to. */
export class JsonlWriter {
  readonly #file: FileHandle;
  readonly #hash: Hash = createHash("sha256");
  #buffer = "";
  #count = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async create(path: string): Promise<JsonlWriter> {
    return new JsonlWriter(await open(path, "w"));
  }

  async write(value: unknown): Promise<void> {
    this.#buffer += `${JSON.stringify(value)}\n`;
    this.#count += 1;
    if (this.#buffer.length >= BUFFERED_CHARACTERS) await this.#flush();
  }

  async close(): Promise<{ readonly count: number; readonly sha256: string }> {
    await this.#flush();
    await this.#file.sync();
    await this.#file.close();
    return { count: this.#count, sha256: this.#hash.digest("hex") };
  }

  async #flush(): Promise<void> {
    this.#hash.update(this.#buffer);
    await this.#file.writeFile(this.#buffer);
    this.#buffer = "";
  }
}

/** A value, and where it was read, for messages. */
export interface JsonlValue {
  readonly value: unknown;
  readonly source: string;
}

/**
 * The values of a file, line by line.
 *
 * @throws {AssayError} `invalid-argument` for a line that is not JSON.
 */
export async function* readJsonlFile(path: string): AsyncGenerator<JsonlValue> {
  let number = 0;
  for await (const line of linesOf(path)) {
    number += 1;
    const source = `${path} line ${number}`;
    yield { value: parsed(line, source), source };
  }
}

/** The bytes between line feeds: `readline` ends lines at U+2028 and U+2029 too, which JSON may hold. */
async function* linesOf(path: string): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(LINE_FEED, start);
      if (end === -1) break;
      yield Buffer.concat([...held, chunk.subarray(start, end)]);
      held = [];
      start = end + 1;
    }
    if (start < chunk.length) held.push(chunk.subarray(start));
  }
  if (held.length > 0) yield Buffer.concat(held);
}

function parsed(line: Buffer, source: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(line));
  } catch (cause) {
    throw new AssayError("invalid-argument", `The export is damaged: ${source} is not JSON`, {
      cause,
    });
  }
}

/** @throws {AssayError} `invalid-argument` when the file is missing or not what was written. */
export async function checkFile(path: string, sha256: string): Promise<void> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch (cause) {
    throw new AssayError("invalid-argument", `The export lacks ${path}`, { cause });
  }
  if (hash.digest("hex") === sha256) return;
  throw new AssayError("invalid-argument", `The export is damaged: ${path} has changed`);
}
