import type { Clock, ScrubberOptions } from "../core/index.ts";
import type { TrackingStore } from "./ports/index.ts";
import { parseTrackingUri } from "./uri.ts";

export interface OpenStoreOptions extends ScrubberOptions {
  /** Path, `file://` or `s3://` URI for files of runs; default `.assay/artifacts` beside the database. */
  readonly artifactRoot?: string;
  readonly clock?: Clock;
}

/**
 * Opens the tracking store at a URI.
 *
 * @throws {AssayError} `configuration` for a URI or database that cannot be used, `store-unavailable`
 *   when it cannot be opened.
 */
export async function openStore(
  uri: string,
  options: OpenStoreOptions = {},
): Promise<TrackingStore> {
  const location = parseTrackingUri(uri);
  // Loaded here, so that importing Assay does not load a database driver.
  const { openSqlStore } = await import("./sql/open.ts");
  return openSqlStore(location, { ...options, uri });
}
