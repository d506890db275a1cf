import { AsyncLocalStorage } from "node:async_hooks";
import type { Attributes, Span } from "@opentelemetry/api";
import { type Clock, systemClock } from "../../core/index.ts";
import { ATTRIBUTES } from "../../otlp/index.ts";
import type { FrameworkRun } from "../run-context-manager.ts";

export interface OpenRun extends FrameworkRun {
  /** Absent for a run that LangChain hides: its children hang on its parent. */
  readonly span?: Span;
  readonly parentRunId: string | undefined;
  /** What the child that ended last returned. */
  lastOutput?: unknown;
  /** Told when the run is given up, to record what came of it so far. */
  tellPartly?: () => void;
}

interface Entry {
  readonly run: OpenRun;
  readonly parent: Entry | undefined;
  /** When it, or a run inside it, began last. */
  activeAt: number;
}

const MOST_RUNS = 10_000;
const LONGEST_SILENCE_MS = 3_600_000;

/**
 * The LangChain runs that have begun and not ended, by LangChain's id.
 *
 * LangChain never ends the runs of a stream whose consumer breaks off. A run in which nothing has begun
 * for an hour, and the most silent of more than 10 000, is given up when another begins: its span ends,
 * marked, so that its trace is delivered and its memory freed.
 */
export class OpenRuns {
  /** The most silent first. */
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Pick<Clock, "monotonic">;

  constructor(clock: Pick<Clock, "monotonic"> = systemClock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(runId: string | undefined): OpenRun | undefined {
    return runId === undefined ? undefined : this.#entries.get(runId)?.run;
  }

  add(run: OpenRun): void {
    const now = this.#clock.monotonic();
    const parent = this.#entries.get(run.parentRunId ?? "");
    for (let around = parent; around !== undefined; around = around.parent) {
      // Put last; one that was given up meanwhile stays out.
      if (!this.#entries.delete(around.run.runId)) continue;
      around.activeAt = now;
      this.#entries.set(around.run.runId, around);
    }
    this.#entries.set(run.runId, { run, parent, activeAt: now });
    for (const entry of this.#entries.values()) {
      const isSilent = now - entry.activeAt > LONGEST_SILENCE_MS;
      if (!isSilent && this.#entries.size <= MOST_RUNS) break;
      this.#giveUp(entry, { [ATTRIBUTES.abandoned]: true });
    }
  }

  /**
   * Ends a run and every open one inside it, the innermost first: their stream was left.
   *
   * @param attributes - Say how.
   */
  endWithin(runId: string, attributes: Attributes): void {
    const inside = [...this.#entries.values()].filter((entry) => isWithin(entry, runId));
    inside.sort((a, b) => depthOf(b) - depthOf(a));
    for (const entry of inside) this.#giveUp(entry, attributes);
  }

  #giveUp({ run }: Entry, attributes: Attributes): void {
    this.#entries.delete(run.runId);
    run.tellPartly?.();
    run.span?.setAttributes(attributes);
    run.span?.end();
  }

  /** The run of this id, which from now on is not open any more. */
  take(runId: string): OpenRun | undefined {
    const run = this.get(runId);
    this.#entries.delete(runId);
    return run;
  }
}

function depthOf(entry: Entry): number {
  return entry.parent === undefined ? 0 : depthOf(entry.parent) + 1;
}

function isWithin(entry: Entry, runId: string): boolean {
  for (let one: Entry | undefined = entry; one !== undefined; one = one.parent) {
    if (one.run.runId === runId) return true;
  }
  return false;
}

/** One record for all handlers. */
export const openRuns = new OpenRuns();

/** Where LangChain keeps the configuration of the surrounding run; shared by all copies of the package. */
interface Shared {
  [STORAGE]?: AsyncLocalStorage<{ readonly extra?: { readonly [CHILD_CONFIG]?: RunConfig } }>;
}

interface RunConfig {
  readonly callbacks?: { getParentRunId?(): string | undefined };
}

const STORAGE = Symbol.for("ls:tracing_async_local_storage");
const CHILD_CONFIG = Symbol.for("lc:child_config");

/** The run of the lambda or tool whose function is running. */
export function surroundingRun(): OpenRun | undefined {
  if (openRuns.size === 0) return undefined;
  const config = (globalThis as Shared)[STORAGE]?.getStore()?.extra?.[CHILD_CONFIG];
  const runId = config?.callbacks?.getParentRunId?.();
  return openRuns.get(runId);
}

/**
 * Gives LangChain the storage without which it forgets the surrounding run, so that chains called
 * inside a lambda would not be traced as part of it. `@langchain/core/context` does the same.
 */
export function provideStorage(): void {
  (globalThis as Shared)[STORAGE] ??= new AsyncLocalStorage();
}
