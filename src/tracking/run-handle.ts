import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import {
  AssayError,
  type JsonValue,
  type RunInfo,
  type RunStatus,
  redactJson,
  redactText,
  toJsonValue,
} from "../core/index.ts";
import type { TrackingStore } from "../store/index.ts";

export type ParamValue = string | number | boolean;

/** A run that can be written to. Key-shaped strings are masked in everything but the files it copies. */
export class ActiveRun {
  readonly runId: string;
  readonly experimentId: string;
  readonly #store: TrackingStore;
  readonly #artifactUri: string;

  constructor(store: TrackingStore, info: RunInfo) {
    this.#store = store;
    this.runId = info.runId;
    this.experimentId = info.experimentId;
    this.#artifactUri = info.artifactUri;
  }

  async logParam(key: string, value: ParamValue): Promise<void> {
    await this.logParams({ [key]: value });
  }

  /** @throws {AssayError} `conflict` when a param exists with another value. */
  async logParams(params: { readonly [key: string]: ParamValue }): Promise<void> {
    const texts = Object.entries(params).map(([key, value]) => [key, String(value)]);
    await this.#store.runs.logParams(this.runId, maskTexts(Object.fromEntries(texts)));
  }

  /** @param at - `step` counts from 0 by default; `timestamp` is in milliseconds since the epoch. */
  async logMetric(
    key: string,
    value: number,
    at: { readonly step?: number; readonly timestamp?: number } = {},
  ): Promise<void> {
    await this.logMetrics({ [key]: value }, at);
  }

  async logMetrics(
    metrics: { readonly [key: string]: number },
    at: { readonly step?: number; readonly timestamp?: number } = {},
  ): Promise<void> {
    const { step = 0, timestamp = Date.now() } = at;
    const points = Object.entries(metrics).map(([name, value]) => ({
      key: redactText(name),
      value,
      timestamp,
      step,
    }));
    await this.#store.runs.logMetrics(this.runId, points);
  }

  async setTag(key: string, value: string): Promise<void> {
    await this.setTags({ [key]: value });
  }

  async setTags(tags: { readonly [key: string]: string }): Promise<void> {
    await this.#store.runs.setTags(this.runId, maskTexts(tags));
  }

  /** Stores `text` as the artifact `path`, e.g. `notes/prompt.txt`. */
  async logText(text: string, path: string): Promise<void> {
    await this.#store.artifacts.write(this.#artifactUri, path, redactText(text));
  }

  /** Stores a value as a JSON artifact. */
  async logDict(value: unknown, path: string): Promise<void> {
    await this.logText(`${JSON.stringify(redactJson(toJsonValue(value)), null, 2)}\n`, path);
  }

  /** Stores rows as MLflow stores tables: `{ columns, data }`, one array per row. */
  async logTable(
    rows: readonly { readonly [column: string]: unknown }[],
    path: string,
  ): Promise<void> {
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    const data: JsonValue[][] = rows.map((row) =>
      columns.map((column) => toJsonValue(row[column])),
    );
    await this.logDict({ columns, data }, path);
  }

  /**
   * Copies a local file, or a folder with all it holds, into the run's artifacts under `folder`: byte by
   * byte, so secrets in it are not masked.
   */
  async logArtifact(localPath: string, folder = ""): Promise<void> {
    const name = basename(localPath);
    const found = await stat(localPath).catch(() => {
      throw new AssayError("not-found", `No file or folder at ${localPath}`);
    });
    const target = folder === "" ? name : `${folder}/${name}`;
    if (found.isDirectory()) {
      for (const entry of await readdir(localPath)) {
        await this.logArtifact(join(localPath, entry), target);
      }
    } else {
      await this.#store.artifacts.write(this.#artifactUri, target, await readFile(localPath));
    }
  }

  /** Ends the run. */
  async end(
    status: Extract<RunStatus, "FINISHED" | "FAILED" | "KILLED"> = "FINISHED",
  ): Promise<void> {
    await this.#store.runs.updateRun(this.runId, { status, endTime: Date.now() });
  }
}

/** Texts by key as a run may store them: params or tags without their secrets. */
export function maskTexts(texts: { readonly [key: string]: string }): { [key: string]: string } {
  return redactJson(texts) as { [key: string]: string };
}
