import { AssayError, RUN_TAGS, type Run, type RunStatus, withoutAbsent } from "../core/index.ts";
import type { NewRun, TrackingStore } from "../store/ports/index.ts";
import { activeRun, lastRun, noteRun, popRun, pushRun, withActiveRun } from "./active-run.ts";
import { ActiveRun, type ParamValue, textsOf } from "./run-handle.ts";
import { currentExperiment, currentStore } from "./settings.ts";
import { systemTags } from "./system-tags.ts";

export interface StartRunOptions {
  /** A random adjective-noun-number when absent; renames a run that is continued. */
  readonly name?: string;
  readonly tags?: { readonly [key: string]: ParamValue };
  /** Continues an existing run instead of making one. */
  readonly runId?: string;
  /** The experiment of a new run; default: its parent's, else the current one. */
  readonly experimentId?: string;
  /** The run that a new one is nested in; default: the active one. */
  readonly parentRunId?: string;
  /** Shown as the run's note: the tag `mlflow.note.content`. */
  readonly description?: string;
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
  const run = popRun();
  if (run === undefined) return;
  await run.end(status).catch((error: unknown) => {
    // It has not ended, so it is the active one still.
    pushRun(run);
    throw error;
  });
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

/** Resolves to `undefined` if no such run; deleted ones are still returned. */
export async function getRun(runId: string): Promise<Run | undefined> {
  return (await currentStore()).runs.getRun(runId);
}

/** The run that was begun last in this part of the program, as it stands now, ended or not. */
export async function lastActiveRun(): Promise<Run | undefined> {
  const run = lastRun();
  return run && getRun(run.runId);
}

/** Puts a run among the deleted ones, from where {@link restoreRun} takes it back. */
export async function deleteRun(runId: string): Promise<void> {
  await (await currentStore()).runs.deleteRun(runId);
}

export async function restoreRun(runId: string): Promise<void> {
  await (await currentStore()).runs.restoreRun(runId);
}

async function begin(options: StartRunOptions): Promise<ActiveRun> {
  // Read before the first wait: the run around this one may end meanwhile.
  const parent = activeRun();
  // The store opens while the tags are looked up.
  const lookedUp = options.runId === undefined ? systemTags() : undefined;
  const store = await currentStore();
  const tags = {
    ...(await lookedUp),
    ...textsOf(options.tags ?? {}),
    ...withoutAbsent({ [RUN_TAGS.note]: options.description }),
  };
  const run =
    options.runId === undefined
      ? await create(store, { ...options, tags, parent })
      : await resume(store, options.runId, { name: options.name, tags });
  const active = new ActiveRun(store, run);
  noteRun(active);
  return active;
}

interface BeginOptions extends StartRunOptions {
  readonly tags: { readonly [key: string]: string };
  readonly parent: ActiveRun | undefined;
}

async function create(
  store: TrackingStore,
  { name, experimentId, parentRunId, tags, parent }: BeginOptions,
): Promise<Run> {
  return store.runs.createRun(
    withoutAbsent<NewRun>({
      experimentId:
        experimentId ?? parent?.experimentId ?? (await currentExperiment()).experimentId,
      name,
      tags,
      parentRunId: parentRunId ?? parent?.runId,
    }),
  );
}

async function resume(
  { runs }: TrackingStore,
  runId: string,
  { name, tags }: { readonly name: string | undefined; readonly tags: NewRun["tags"] },
): Promise<Run> {
  const run = await runs.getRun(runId);
  if (run === undefined) throw new AssayError("not-found", `No run with id ${runId}`);
  await runs.updateRun(runId, withoutAbsent({ status: "RUNNING" as const, name }));
  await runs.logBatch(runId, withoutAbsent({ tags }));
  return run;
}
