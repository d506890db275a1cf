import { basename, resolve } from "node:path";
import {
  AssayError,
  DATASET_CONTEXT_TAG,
  type InputDataset,
  type JsonValue,
  type Metric,
  type ModelInput,
  type ModelOutput,
  type RunInfo,
  type RunStatus,
  redactText,
  toJsonValue,
  withoutAbsent,
} from "../core/index.ts";
import type { TrackingStore } from "../store/index.ts";
import { logInBatches } from "./batches.ts";
import { copyIn, joinPath, type RunArtifacts } from "./copy-artifacts.ts";
import { type Figure, figureContent } from "./figure.ts";
import {
  LOGGED_ARTIFACTS_TAG,
  loggedArtifactsWith,
  rowsOfTable,
  type TableContent,
  type TableRow,
  tableWith,
} from "./table.ts";

const ENDED: readonly RunStatus[] = ["FINISHED", "FAILED", "KILLED"];

export type ParamValue = string | number | boolean;

export interface MetricOptions {
  /** Counts from 0, the default. */
  readonly step?: number;
  /** Milliseconds since the epoch; now when absent. */
  readonly timestamp?: number;
  /** The logged model that was measured: it keeps the metric as well. */
  readonly modelId?: string;
  /** The data it was measured on; kept with the metric of the model. */
  readonly dataset?: { readonly name: string; readonly digest?: string };
}

/** A dataset, of which no more need be known than name and digest. */
export type DatasetDescription = Pick<InputDataset, "name" | "digest"> & Partial<InputDataset>;

export interface DatasetUse {
  /** What for, e.g. `training` or `eval`. */
  readonly context?: string;
  readonly tags?: { readonly [key: string]: string };
}

export interface LoggedInputs {
  readonly datasets?: readonly (DatasetUse & { readonly dataset: DatasetDescription })[];
  readonly models?: readonly ModelInput[];
}

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

  /**
   * Params over 6000 characters are refused, not cut off: {@link logText} takes texts of any length.
   *
   * @throws {AssayError} `conflict` when a param exists with another value.
   */
  async logParams(params: { readonly [key: string]: ParamValue }): Promise<void> {
    await logInBatches(this.#store, this.runId, { params: textsOf(params) });
  }

  async logMetric(key: string, value: number, at: MetricOptions = {}): Promise<void> {
    await this.logMetrics({ [key]: value }, at);
  }

  async logMetrics(
    metrics: { readonly [key: string]: number },
    at: MetricOptions = {},
  ): Promise<void> {
    const { step = 0, timestamp = Date.now(), modelId, dataset } = at;
    const points = Object.entries(metrics).map(([key, value]) =>
      withoutAbsent<Metric>({
        key,
        value,
        timestamp,
        step,
        modelId,
        datasetName: dataset?.name,
        datasetDigest: dataset?.digest,
      }),
    );
    await logInBatches(this.#store, this.runId, { metrics: points });
  }

  async setTag(key: string, value: ParamValue): Promise<void> {
    await this.setTags({ [key]: value });
  }

  async setTags(tags: { readonly [key: string]: ParamValue }): Promise<void> {
    await logInBatches(this.#store, this.runId, { tags: textsOf(tags) });
  }

  /** @throws {AssayError} `not-found` when the run has no such tag. */
  async deleteTag(key: string): Promise<void> {
    await this.#store.runs.deleteTag(this.runId, key);
  }

  /** Notes a dataset that the run uses. */
  async logInput(dataset: DatasetDescription, use: DatasetUse = {}): Promise<void> {
    await this.logInputs({ datasets: [{ ...use, dataset }] });
  }

  /** Notes datasets and logged models that the run uses. */
  async logInputs({ datasets = [], models = [] }: LoggedInputs): Promise<void> {
    const inputs = datasets.map(({ dataset, context, tags }) => ({
      dataset: { sourceType: "code", source: "{}", ...dataset },
      tags: { ...tags, ...(context !== undefined && { [DATASET_CONTEXT_TAG]: context }) },
    }));
    await this.#store.runs.logInputs(this.runId, { datasets: inputs, models });
  }

  /** Notes logged models that the run made. */
  async logOutputs(models: readonly ModelOutput[]): Promise<void> {
    await this.#store.runs.logOutputs(this.runId, models);
  }

  /** Stores `text` as the artifact `path`, e.g. `notes/prompt.txt`. */
  async logText(text: string, path: string): Promise<void> {
    const { store, uri } = this.#artifacts;
    await store.write(uri, path, this.#store.scrubber.text(text));
  }

  /** Stores a value as a JSON artifact. */
  async logDict(value: unknown, path: string): Promise<void> {
    await this.#writeJson(this.#store.scrubber.value(toJsonValue(value)), path);
  }

  async #writeJson(value: JsonValue, path: string): Promise<void> {
    const { store, uri } = this.#artifacts;
    await store.write(uri, path, `${JSON.stringify(value, null, 2)}\n`);
  }

  /**
   * Appends rows to the table `path`, which is made if need be. As MLflow stores tables: JSON with
   * `{ columns, data }`, one array per row; a value that a row does not have is null.
   *
   * @param table - Rows, or an object with a list per column.
   * @throws {AssayError} `conflict` when another kind of file is there; `invalid-argument` for no table.
   */
  async logTable(table: TableContent, path: string): Promise<void> {
    const rows = rowsOfTable(table);
    const appended = this.#tables.then(() => this.#appendToTable(rows, path));
    // One after the other, so that rows logged at once are all kept.
    this.#tables = Promise.allSettled([appended]);
    await appended;
  }

  async #appendToTable(rows: readonly TableRow[], path: string): Promise<void> {
    // The new rows alone: those that are there have been scrubbed.
    const shown = rows.map((row) => this.#store.scrubber.value(toJsonValue(row)) as TableRow);
    await this.#writeJson(toJsonValue(await tableWith(shown, this.#artifacts, path)), path);
    const { tags = {} } = (await this.#store.runs.getRun(this.runId)) ?? {};
    const logged = loggedArtifactsWith(tags[LOGGED_ARTIFACTS_TAG], path);
    if (logged !== undefined) await this.setTag(LOGGED_ARTIFACTS_TAG, logged);
  }

  /** Stores an image: SVG as text or bytes (`.svg`), PNG as bytes (`.png`), or a page of HTML (`.html`). */
  async logFigure(figure: Figure, path: string): Promise<void> {
    const { store, uri } = this.#artifacts;
    const content = figureContent(figure, path);
    const shown = typeof content === "string" ? this.#store.scrubber.text(content) : content;
    await store.write(uri, path, shown);
  }

  /**
   * Copies a local file, or a folder with all it holds, into the run's artifacts under `folder`: byte by
   * byte, so secrets in it are not masked. In a folder, links to files are copied as files, links to
   * folders are not followed, and links to nothing are left out with a warning.
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
    if (!ENDED.includes(status)) {
      throw new AssayError(
        "invalid-argument",
        `Expected a run to end as one of ${ENDED.join(", ")}, got ${JSON.stringify(status)}`,
      );
    }
    await this.#store.runs.updateRun(this.runId, { status, endTime: Date.now() });
  }
}

export function textsOf(values: { readonly [key: string]: ParamValue }): { [key: string]: string } {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      if (["string", "number", "boolean"].includes(typeof value)) return [key, String(value)];
      throw new AssayError(
        "invalid-argument",
        `Expected "${redactText(key)}" to be a text, number or boolean, got ${value === null ? "null" : typeof value}. logDict() takes objects.`,
      );
    }),
  );
}
