import type {
  ArtifactContent,
  ArtifactEntry,
  ArtifactFile,
  ArtifactStore,
  ArtifactStream,
  ByteRange,
  WrittenArtifact,
} from "../ports/index.ts";
import { releasing } from "./content.ts";
import { LocalArtifactStore } from "./local.ts";
import { S3ArtifactStore } from "./s3.ts";
import { artifactScheme, unsupportedScheme } from "./uri.ts";

/** Every place that artifacts can be in: local folders and S3. */
export function openArtifactStore(env = process.env): ArtifactStore {
  return new RoutedArtifactStore({ file: new LocalArtifactStore(), s3: new S3ArtifactStore(env) });
}

/** Leaves each artifact URI to the store of its scheme; a path is of the scheme `file`. */
export class RoutedArtifactStore implements ArtifactStore {
  readonly #stores: ReadonlyMap<string, ArtifactStore>;

  constructor(stores: { readonly [scheme: string]: ArtifactStore }) {
    this.#stores = new Map(Object.entries(stores));
  }

  async write(uri: string, path: string, content: ArtifactContent): Promise<WrittenArtifact> {
    return releasing(content, async () => this.#at(uri).write(uri, path, content));
  }

  async read(uri: string, path: string): Promise<Uint8Array> {
    return this.#at(uri).read(uri, path);
  }

  async stream(uri: string, path: string, range?: ByteRange): Promise<ArtifactStream> {
    return this.#at(uri).stream(uri, path, range);
  }

  async list(uri: string, folder?: string): Promise<ArtifactFile[]> {
    return this.#at(uri).list(uri, folder);
  }

  async listFolder(uri: string, folder?: string): Promise<ArtifactEntry[]> {
    return this.#at(uri).listFolder(uri, folder);
  }

  async delete(uri: string, path?: string): Promise<void> {
    return this.#at(uri).delete(uri, path);
  }

  /** @throws {AssayError} `configuration` for a scheme that no store serves. */
  #at(uri: string): ArtifactStore {
    const store = this.#stores.get(artifactScheme(uri));
    if (store === undefined) throw unsupportedScheme(uri, [...this.#stores.keys()]);
    return store;
  }
}
