import {
  AssayError,
  RUN_TAGS,
  type Run,
  type RunStatus,
  redactText,
  withoutAbsent,
} from "../core/index.ts";
import type { ArtifactEntry } from "../store/ports.ts";
import { activeRun, popRun, pushRun, withActiveRun } from "./active-run.ts";
import { copyOut, type RunArtifacts } from "./copy-artifacts.ts";
import type { Figure } from "./figure.ts";
import { ActiveRun, maskTexts, type ParamValue } from "./run-handle.ts";
import { currentExperiment, currentStore } from "./settings.ts";
import type { TableRow } from "./table.ts";

export interface StartRunOptions {
  /** A random adjective-noun-number when absent; renames a run that is continued. */
  readonly name?: string;
  readonly tags?: { readonly [key: string]: string };
  /** Continues an existing run instead of making one. */
  readonly runId?: string;
}

/**
 * Begins a run, nested in the active one; it stays active until {@link endRun}.
 *
 * @throws {AssayError} `not-found` for a `runId` that does not exist, `conflict` for one that is deleted.
 */
export async function startRun(options: StartRunOptions = {}): Promise<ActiveRun> {
  const run = await begin(options);
  pushRun(run);
  return run;
}

/** Ends the run that {@link startRun} began last; does nothing without one. */
export async function endRun(
  status: Extract<RunStatus, "FINISHED" | "FAILED" | "KILLED"> = "FINISHED",
): Promise<void> {
  await popRun()?.end(status);
}

/** Runs `work` in a new run, which ends FINISHED, or FAILED when `work` throws. */
export async function withRun<T>(
  options: StartRunOptions,
  work: (run: ActiveRun) => T | Promise<T>,
): Promise<T> {
  const run = await begin(options);
  const [outcome] = await Promise.allSettled([withActiveRun(run, async () => work(run))]);
  if (outcome.status === "fulfilled") {
    await run.end("FINISHED");
    return outcome.value;
  }
  // What `work` threw comes first, also when the store does not take the status any more.
  await Promise.allSettled([run.end("FAILED")]);
  throw outcome.reason;
}

export async function logParam(key: string, value: ParamValue): Promise<void> {
  await current().logParam(key, value);
}

export async function logParams(params: { readonly [key: string]: ParamValue }): Promise<void> {
  await current().logParams(params);
}

export async function logMetric(
  key: string,
  value: number,
  at: { readonly step?: number; readonly timestamp?: number } = {},
): Promise<void> {
  await current().logMetric(key, value, at);
}

export async function logMetrics(
  metrics: { readonly [key: string]: number },
  at: { readonly step?: number; readonly timestamp?: number } = {},
): Promise<void> {
  await current().logMetrics(metrics, at);
}

export async function setTag(key: string, value: string): Promise<void> {
  await current().setTag(key, value);
}

export async function setTags(tags: { readonly [key: string]: string }): Promise<void> {
  await current().setTags(tags);
}

export async function logText(text: string, path: string): Promise<void> {
  await current().logText(text, path);
}

export async function logDict(value: unknown, path: string): Promise<void> {
  await current().logDict(value, path);
}

/** Appends rows to the table `path`, which is made if need be. */
export async function logTable(rows: readonly TableRow[], path: string): Promise<void> {
  await current().logTable(rows, path);
}

/** Stores an image in SVG or PNG, or a page of HTML; the path ends accordingly. */
export async function logFigure(figure: Figure, path: string): Promise<void> {
  await current().logFigure(figure, path);
}

/** Copies a file or folder as it is: secrets in it are not masked. */
export async function logArtifact(localPath: string, folder = ""): Promise<void> {
  await current().logArtifact(localPath, folder);
}

/** Copies what a local folder holds, but not the folder itself. */
export async function logArtifacts(localFolder: string, folder = ""): Promise<void> {
  await current().logArtifacts(localFolder, folder);
}

export interface ListArtifactsOptions {
  /** The active run when absent. */
  readonly runId?: string;
  /** The run's own folder when absent. */
  readonly folder?: string;
}

/** The files and folders directly in a folder of a run's artifacts, sorted by path. */
export async function listArtifacts(options: ListArtifactsOptions = {}): Promise<ArtifactEntry[]> {
  const { store, uri } = await artifactsOf(options.runId);
  return store.listFolder(uri, options.folder);
}

export interface DownloadArtifactsOptions {
  /** The active run when absent. */
  readonly runId?: string;
  /** A file or a folder; everything when absent. */
  readonly path?: string;
  /** The local folder to copy to; made if need be. */
  readonly to: string;
}

/**
 * Copies artifacts to a local folder, below which they have the same paths; each appears when it is whole.
 *
 * @returns The local path of what was asked for.
 * @throws {AssayError} `not-found` when there is no such run or artifact.
 */
export async function downloadArtifacts(options: DownloadArtifactsOptions): Promise<string> {
  return copyOut(await artifactsOf(options.runId), options.path ?? "", options.to);
}

export async function getRun(runId: string): Promise<Run | undefined> {
  return (await currentStore()).runs.getRun(runId);
}

function current(): ActiveRun {
  const run = activeRun();
  if (run === undefined) {
    throw new AssayError(
      "conflict",
      "No run is active. Call startRun() first, or log inside withRun().",
    );
  }
  return run;
}

async function artifactsOf(runId: string = current().runId): Promise<RunArtifacts> {
  const { artifacts, runs } = await currentStore();
  const run = await runs.getRun(runId);
  if (run === undefined) throw new AssayError("not-found", `No run with id ${runId}`);
  return { store: artifacts, uri: run.artifactUri };
}

async function begin(options: StartRunOptions): Promise<ActiveRun> {
  const store = await currentStore();
  if (options.runId !== undefined) {
    const run = await store.runs.getRun(options.runId);
    if (run === undefined) throw new AssayError("not-found", `No run with id ${options.runId}`);
    await store.runs.updateRun(run.runId, { status: "RUNNING" });
    const name = options.name === undefined ? {} : { [RUN_TAGS.runName]: options.name };
    await store.runs.logBatch(run.runId, { tags: maskTexts({ ...options.tags, ...name }) });
    return new ActiveRun(store, run);
  }
  const parent = activeRun();
  const run = await store.runs.createRun(
    withoutAbsent({
      experimentId: parent?.experimentId ?? (await currentExperiment()).experimentId,
      name: options.name && redactText(options.name),
      tags: options.tags && maskTexts(options.tags),
      parentRunId: parent?.runId,
    }),
  );
  return new ActiveRun(store, run);
}
