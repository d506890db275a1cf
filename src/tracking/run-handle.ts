import { basename, resolve } from "node:path";
import {
  type RunInfo,
  type RunStatus,
  redactJson,
  redactText,
  toJsonValue,
} from "../core/index.ts";
import type { TrackingStore } from "../store/index.ts";
import { copyIn, joinPath, type RunArtifacts } from "./copy-artifacts.ts";
import { type Figure, figureContent } from "./figure.ts";
import { LOGGED_ARTIFACTS_TAG, loggedArtifactsWith, type TableRow, tableWith } from "./table.ts";

export type ParamValue = string | number | boolean;

/** A run that can be written to. Key-shaped strings are masked in everything but the files it copies. */
export class ActiveRun {
  readonly runId: string;
  readonly experimentId: string;
  readonly #store: TrackingStore;
  readonly #artifacts: RunArtifacts;
  /** The tables logged so far. */
  #tables: Promise<unknown> = Promise.resolve();

  constructor(store: TrackingStore, info: RunInfo) {
    this.#store = store;
    this.runId = info.runId;
    this.experimentId = info.experimentId;
    this.#artifacts = { store: store.artifacts, uri: info.artifactUri };
  }

  async logParam(key: string, value: ParamValue): Promise<void> {
    await this.logParams({ [key]: value });
  }

  /** @throws {AssayError} `conflict` when a param exists with another value. */
  async logParams(params: { readonly [key: string]: ParamValue }): Promise<void> {
    const texts = Object.entries(params).map(([key, value]) => [key, String(value)]);
    await this.#store.runs.logBatch(this.runId, { params: maskTexts(Object.fromEntries(texts)) });
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
    await this.#store.runs.logBatch(this.runId, { metrics: points });
  }

  async setTag(key: string, value: string): Promise<void> {
    await this.setTags({ [key]: value });
  }

  async setTags(tags: { readonly [key: string]: string }): Promise<void> {
    await this.#store.runs.logBatch(this.runId, { tags: maskTexts(tags) });
  }

  /** Stores `text` as the artifact `path`, e.g. `notes/prompt.txt`. */
  async logText(text: string, path: string): Promise<void> {
    const { store, uri } = this.#artifacts;
    await store.write(uri, path, redactText(text));
  }

  /** Stores a value as a JSON artifact. */
  async logDict(value: unknown, path: string): Promise<void> {
    await this.logText(`${JSON.stringify(redactJson(toJsonValue(value)), null, 2)}\n`, path);
  }

  /**
   * Appends rows to the table `path`, which is made if need be. As MLflow stores tables: JSON with
   * `{ columns, data }`, one array per row; a value that a row does not have is null.
   *
   * @throws {AssayError} `conflict` when another kind of file is there.
   */
  async logTable(rows: readonly TableRow[], path: string): Promise<void> {
    const appended = this.#tables.then(() => this.#appendToTable(rows, path));
    // One after the other, so that rows logged at once are all kept.
    this.#tables = Promise.allSettled([appended]);
    await appended;
  }

  async #appendToTable(rows: readonly TableRow[], path: string): Promise<void> {
    await this.logDict(await tableWith(rows, this.#artifacts, path), path);
    const { tags = {} } = (await this.#store.runs.getRun(this.runId)) ?? {};
    const logged = loggedArtifactsWith(tags[LOGGED_ARTIFACTS_TAG], path);
    if (logged !== undefined) await this.setTag(LOGGED_ARTIFACTS_TAG, logged);
  }

  /** Stores an image: SVG as text or bytes (`.svg`), PNG as bytes (`.png`), or a page of HTML (`.html`). */
  async logFigure(figure: Figure, path: string): Promise<void> {
    const { store, uri } = this.#artifacts;
    await store.write(uri, path, figureContent(figure, path));
  }

  /**
   * Copies a local file, or a folder with all it holds, into the run's artifacts under `folder`: byte by
   * byte, so secrets in it are not masked.
   */
  async logArtifact(localPath: string, folder = ""): Promise<void> {
    await copyIn(localPath, this.#artifacts, joinPath(folder, basename(resolve(localPath))));
  }

  /** Copies what a local folder holds, as {@link logArtifact} would, but not the folder itself. */
  async logArtifacts(localFolder: string, folder = ""): Promise<void> {
    await copyIn(localFolder, this.#artifacts, folder);
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
