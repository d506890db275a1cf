import {
  AssayError,
  RUN_TAGS,
  type Run,
  type RunStatus,
  redactText,
  withoutAbsent,
} from "../core/index.ts";
import { activeRun, popRun, pushRun, withActiveRun } from "./active-run.ts";
import { ActiveRun, maskTexts, type ParamValue } from "./run-handle.ts";
import { currentExperiment, currentStore } from "./settings.ts";

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

export async function logTable(
  rows: readonly { readonly [column: string]: unknown }[],
  path: string,
): Promise<void> {
  await current().logTable(rows, path);
}

/** Copies a file or folder as it is: secrets in it are not masked. */
export async function logArtifact(localPath: string, folder = ""): Promise<void> {
  await current().logArtifact(localPath, folder);
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

async function begin(options: StartRunOptions): Promise<ActiveRun> {
  const store = await currentStore();
  if (options.runId !== undefined) {
    const run = await store.runs.getRun(options.runId);
    if (run === undefined) throw new AssayError("not-found", `No run with id ${options.runId}`);
    await store.runs.updateRun(run.runId, { status: "RUNNING" });
    const name = options.name === undefined ? {} : { [RUN_TAGS.runName]: options.name };
    await store.runs.setTags(run.runId, maskTexts({ ...options.tags, ...name }));
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
