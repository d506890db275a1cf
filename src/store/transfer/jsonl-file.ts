import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { AssayError } from "../../core/index.ts";

const BUFFERED_CHARACTERS = 1 << 16;

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

/** The values of a file, line by line. */
export async function* readJsonlFile(path: string): AsyncGenerator<unknown> {
  for await (const line of createInterface({ input: createReadStream(path) })) {
    yield JSON.parse(line) as unknown;
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
