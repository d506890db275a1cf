import type { ModelOutput } from "../core/index.ts";
import { currentRun } from "./active-run.ts";
import type { Figure } from "./figure.ts";
import type {
  DatasetDescription,
  DatasetUse,
  LoggedInputs,
  MetricOptions,
  ParamValue,
} from "./run-handle.ts";
import type { TableContent } from "./table.ts";

export async function logParam(key: string, value: ParamValue): Promise<void> {
  await currentRun().logParam(key, value);
}

export async function logParams(params: { readonly [key: string]: ParamValue }): Promise<void> {
  await currentRun().logParams(params);
}

export async function logMetric(key: string, value: number, at: MetricOptions = {}): Promise<void> {
  await currentRun().logMetric(key, value, at);
}

export async function logMetrics(
  metrics: { readonly [key: string]: number },
  at: MetricOptions = {},
): Promise<void> {
  await currentRun().logMetrics(metrics, at);
}

export async function setTag(key: string, value: ParamValue): Promise<void> {
  await currentRun().setTag(key, value);
}

export async function setTags(tags: { readonly [key: string]: ParamValue }): Promise<void> {
  await currentRun().setTags(tags);
}

/** @throws {AssayError} `not-found` when the active run has no such tag. */
export async function deleteTag(key: string): Promise<void> {
  await currentRun().deleteTag(key);
}

/** Notes a dataset that the active run uses. */
export async function logInput(dataset: DatasetDescription, use: DatasetUse = {}): Promise<void> {
  await currentRun().logInput(dataset, use);
}

/** Notes datasets and logged models that the active run uses. */
export async function logInputs(inputs: LoggedInputs): Promise<void> {
  await currentRun().logInputs(inputs);
}

/** Notes logged models that the active run made. */
export async function logOutputs(models: readonly ModelOutput[]): Promise<void> {
  await currentRun().logOutputs(models);
}

export async function logText(text: string, path: string): Promise<void> {
  await currentRun().logText(text, path);
}

export async function logDict(value: unknown, path: string): Promise<void> {
  await currentRun().logDict(value, path);
}

/** Appends rows, or columns of equal length, to the table `path`, which is made if need be. */
export async function logTable(table: TableContent, path: string): Promise<void> {
  await currentRun().logTable(table, path);
}

/** Stores an image in SVG or PNG, or a page of HTML; the path ends accordingly. */
export async function logFigure(figure: Figure, path: string): Promise<void> {
  await currentRun().logFigure(figure, path);
}

/** Copies a file or folder as it is: secrets in it are not masked. */
export async function logArtifact(localPath: string, folder = ""): Promise<void> {
  await currentRun().logArtifact(localPath, folder);
}

/** Copies what a local folder holds, but not the folder itself. */
export async function logArtifacts(localFolder: string, folder = ""): Promise<void> {
  await currentRun().logArtifacts(localFolder, folder);
}
