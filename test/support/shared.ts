import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

/** The folder of recorded data, which is not part of the project. */
const SHARED =
  process.env.ASSAY_SHARED ?? fileURLToPath(new URL("../../../shared", import.meta.url));

/** Appended to the title of a test that needs recorded data; says why it is skipped where it is. */
export function recordedDataTitle(title: string): string {
  return hasRecordedData ? title : `${title} (skipped: no recorded data; set ASSAY_SHARED)`;
}

export const hasRecordedData = existsSync(`${SHARED}/data`);

export const hasRecordedExchanges = existsSync(`${SHARED}/fixtures/exchanges`);

export function recordedExchangesTitle(title: string): string {
  return hasRecordedExchanges
    ? title
    : `${title} (skipped: no recorded exchanges; set ASSAY_SHARED)`;
}

export const sharedPath = (path: string) => `${SHARED}/${path}`;

export function readShared(path: string): string {
  const bytes = readFileSync(`${SHARED}/${path}`);
  return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
}

export function readSharedLines<T>(path: string): T[] {
  return readShared(path)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);
}
