import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { AssayError } from "../../core/index.ts";
import { checkedPath } from "../artifacts/index.ts";
import { deleteIfEmpty } from "../collect-garbage.ts";
import type { ArtifactStore } from "../ports/index.ts";
import { type JsonlValue, readJsonlFile } from "./jsonl-file.ts";
import { FILES_FOLDER, FILES_LIST } from "./manifest.ts";

/** The files of an export on their way into a store. */
export class FileCopies {
  readonly #artifacts: ArtifactStore;
  readonly #folder: string;
  readonly #written: string[] = [];
  #location = "";

  constructor(artifacts: ArtifactStore, folder: string) {
    this.#artifacts = artifacts;
    this.#folder = folder;
  }

  /** @throws {AssayError} `invalid-argument` for a file that is missing or not what was exported. */
  async copyTo(location: string): Promise<void> {
    this.#location = location;
    for await (const line of readJsonlFile(join(this.#folder, FILES_LIST))) {
      const { path, sha256 } = listedFile(line);
      const content = checked(join(this.#folder, FILES_FOLDER, path), sha256);
      // Before it is there: it may be there although the answer is lost.
      this.#written.push(path);
      await this.#artifacts.write(location, path, content);
    }
  }

  /** Removes what was copied. */
  async remove(): Promise<void> {
    if (this.#written.length === 0) return;
    for (const path of this.#written) await this.#artifacts.delete(this.#location, path);
    await deleteIfEmpty(this.#artifacts, this.#location);
  }
}

function listedFile({ value, source }: JsonlValue): { path: string; sha256: string } {
  const { path, sha256 } = (value ?? {}) as { path?: unknown; sha256?: unknown };
  if (typeof path === "string" && typeof sha256 === "string") {
    return { path: checkedPath(path), sha256 };
  }
  throw new AssayError("invalid-argument", `The export is damaged: ${source} names no file`);
}

/** The bytes of a file, which fail at their end when they are not those expected. */
async function* checked(file: string, sha256: string): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      yield chunk;
    }
  } catch (cause) {
    throw new AssayError("invalid-argument", `The export lacks ${file}`, { cause });
  }
  if (hash.digest("hex") === sha256) return;
  throw new AssayError("invalid-argument", `The export is damaged: ${file} has changed`);
}
