import type { TrialContext } from "./predict.ts";

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
    if (plan.options.onProgress === undefined || plan.remarks.isUnheard) return;
    try {
      plan.options.onProgress({ kind: "row", completed, failed, usage: spending.usage });
    } catch (error) {
      // Nothing that is paid for hangs on a listener.
      plan.remarks.progressFailed(error);
    }
  }
}
