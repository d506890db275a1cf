import type { Clock } from "../core/index.ts";
import type { TrackingStore } from "./ports.ts";
import { parseTrackingUri } from "./uri.ts";

export interface OpenStoreOptions {
  readonly artifactRoot?: string;
  readonly clock?: Clock;
}

/**
 * Opens the tracking store at a URI.
 *
 * @throws {AssayError} `configuration` for a URI or database that cannot be used, `unavailable` when it cannot be opened.
 */
export async function openStore(
  uri: string,
  options: OpenStoreOptions = {},
): Promise<TrackingStore> {
  const { path } = parseTrackingUri(uri);
  // Loaded here, so that importing Assay does not load a database driver.
  const { openSqliteStore } = await import("./sql/open-sqlite.ts");
  return openSqliteStore({ ...options, path, uri });
}
