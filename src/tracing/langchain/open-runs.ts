import { AsyncLocalStorage } from "node:async_hooks";
import type { Span } from "@opentelemetry/api";
import type { FrameworkRun } from "../run-context-manager.ts";

export interface OpenRun extends FrameworkRun {
  /** Absent for a run that LangChain hides: its children hang on its parent. */
  readonly span?: Span;
  readonly parentRunId: string | undefined;
  /** What the child that ended last returned. */
  lastOutput?: unknown;
}

/** The LangChain runs that have begun and not ended, by LangChain's id; one record for all handlers. */
export const openRuns = new Map<string, OpenRun>();

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
  return runId === undefined ? undefined : openRuns.get(runId);
}

/**
 * Gives LangChain the storage without which it forgets the surrounding run, so that chains called
 * inside a lambda would not be traced as part of it. `@langchain/core/context` does the same.
 */
export function provideStorage(): void {
  (globalThis as Shared)[STORAGE] ??= new AsyncLocalStorage();
}
