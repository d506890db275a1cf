import { type Context, type ContextManager, createContextKey } from "@opentelemetry/api";

/** A unit of work that a framework tracks by itself, e.g. a run of LangChain. */
export interface FrameworkRun {
  readonly runId: string;
  /** The context with the run's span. */
  readonly context: Context;
}

const RUN_ID = createContextKey("assay.framework-run");

/** The framework's run inside which `from` was made active; absent outside any. */
export function runIdOf(from: Context): string | undefined {
  return from.getValue(RUN_ID) as string | undefined;
}

/**
 * Lets code inside a framework's run see that run's span as active. Callbacks tell only that a run has
 * begun; they cannot make its span active for the code that follows.
 *
 * @param manager - Keeps the contexts.
 * @param surroundingRun - The innermost run around the running code, by the framework's own record.
 */
export function runContextManager(
  manager: ContextManager,
  surroundingRun: () => FrameworkRun | undefined,
): ContextManager {
  const ours: ContextManager = {
    active: () => {
      const active = manager.active();
      const run = surroundingRun();
      // Whichever was entered last: a context that was made active inside the run knows its id.
      return run === undefined || runIdOf(active) === run.runId ? active : run.context;
    },
    with: (context, work, self, ...args) => {
      const run = surroundingRun();
      const isMarked = run === undefined || runIdOf(context) === run.runId;
      const marked = isMarked ? context : context.setValue(RUN_ID, run.runId);
      return manager.with(marked, work, self, ...args);
    },
    bind: (context, target) => manager.bind(context, target),
    enable: () => {
      manager.enable();
      return ours;
    },
    disable: () => {
      manager.disable();
      return ours;
    },
  };
  return ours;
}
