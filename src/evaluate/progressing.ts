import type { Progress } from "./options.ts";
import type { Plan } from "./plan.ts";
import type { TrialContext } from "./predict.ts";
import type { EvaluateResult } from "./result.ts";

/** Trials so far, as they are seen while the run goes on; totals are read from the store. */
export class Progressing {
  completed: number;
  failed: number;
  givenUp = 0;
  readonly #context: TrialContext;

  /** @param before - What was there when it began. */
  constructor(
    context: TrialContext,
    before: { readonly completed: number; readonly failed: number },
  ) {
    this.#context = context;
    this.completed = before.completed;
    this.failed = before.failed;
  }

  done(answered: boolean): void {
    this.completed += 1;
    if (!answered) this.failed += 1;
    const { plan, spending } = this.#context;
    const { completed, failed } = this;
    if (plan.options.onProgress === undefined) return;
    tellProgress(plan, { kind: "row", completed, failed, usage: spending.usage });
  }
}

/** Nothing that is paid for hangs on a listener: one that fails is noted, and not called again. */
export function tellProgress({ options, remarks }: Plan, progress: Progress): void {
  if (remarks.isUnheard) return;
  try {
    options.onProgress?.(progress);
  } catch (error) {
    remarks.progressFailed(error);
  }
}

/** Tells how it ended; gives the result back, with a note where nobody could be told. */
export function tellFinished(plan: Plan, result: EvaluateResult): EvaluateResult {
  if (plan.remarks.isUnheard) return result;
  tellProgress(plan, { kind: "finished", result });
  return { ...result, notes: [...result.notes, ...plan.remarks.unheard()] };
}
