import { isAssayError, type JsonValue } from "../core/index.ts";
import type { NewResult } from "../store/index.ts";
import { staticOutcome, type TrialContext } from "./predict.ts";
import { commitScored, newResult, runTrial, type Trial } from "./run-trial.ts";
import type { TrialEnds } from "./run-trials.ts";
import { type Answered, scoreTrial, type Verdicts } from "./score-trial.ts";
import { keepHeapSmall } from "./small-heap.ts";

/** Results that are committed together. */
const BATCH = 128;

/** Results, and characters of text in them, that may wait for their commit before rows do. */
const MOST_WAITING = 512;
const MOST_TEXT = 4 << 20;

/**
 * Scores trials whose outputs were made beforehand and commits them many at a time, without waiting for
 * each: nothing was paid for that a crash could lose.
 */
export class StaticTrials {
  readonly #context: TrialContext;
  readonly #ends: TrialEnds;
  #batch: NewResult[] = [];
  #batchText = 0;
  #waiting = 0;
  #waitingText = 0;
  readonly #endSmallHeap = keepHeapSmall();
  #commits = new Set<Promise<void>>();
  #roomy: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  /** @param ends - Called for each trial once it is committed. */
  constructor(context: TrialContext, ends: TrialEnds) {
    this.#context = context;
    this.#ends = ends;
  }

  /**
   * Resolves when the next trial may be taken; nothing to wait for is `undefined`. A trial whose scorers
   * take their time is committed by then.
   */
  run(trial: Trial): Promise<void> | undefined {
    this.check();
    const { row } = trial;
    if (trial.committed !== undefined || row.traceId !== undefined) return this.#runAlone(trial);
    const answered: Answered = { row, trial: trial.trial, outcome: staticOutcome(row) };
    const verdicts = scoreTrial(this.#context, this.#context.plan.scorers, answered);
    if (verdicts.coming.length > 0) return this.#finish(answered, verdicts);
    this.#add(newResult(answered, verdicts.ready));
    return this.#isFull ? this.#room() : undefined;
  }

  async #runAlone(trial: Trial): Promise<void> {
    this.#ends.done(trial.row.ordinal, await runTrial(this.#context, trial));
  }

  async #finish(answered: Answered, verdicts: Verdicts): Promise<void> {
    await commitScored(this.#context, answered, verdicts);
    this.#ends.done(answered.row.ordinal, "outputs" in answered.outcome);
  }

  get #isFull(): boolean {
    return this.#waiting >= MOST_WAITING || this.#waitingText >= MOST_TEXT;
  }

  /** One promise for all who wait: a race of their own for each of them costs more than the commits. */
  #room(): Promise<void> {
    this.#commit();
    this.#roomy ??= this.#commitEnds();
    return this.#roomy;
  }

  async #commitEnds(): Promise<void> {
    while (this.#isFull) await Promise.race(this.#commits);
    this.#roomy = undefined;
  }

  /** Resolves when everything is committed, or could not be. */
  async settled(): Promise<void> {
    this.#commit();
    await Promise.all(this.#commits);
    this.#endSmallHeap();
  }

  /** @throws what a commit failed with. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #add(result: NewResult): void {
    const text =
      textIn(result.inputs) + ("outputs" in result.outcome ? textIn(result.outcome.outputs) : 0);
    this.#batch.push(result);
    this.#batchText += text;
    this.#waiting += 1;
    this.#waitingText += text;
    if (this.#batch.length >= BATCH) this.#commit();
  }

  #commit(): void {
    if (this.#batch.length === 0) return;
    const batch = this.#batch;
    const text = this.#batchText;
    this.#batch = [];
    this.#batchText = 0;
    const commit: Promise<void> = this.#commitAll(batch)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#waiting -= batch.length;
        this.#waitingText -= text;
        this.#commits.delete(commit);
      });
    this.#commits.add(commit);
  }

  async #commitAll(batch: readonly NewResult[]): Promise<void> {
    const { store, runId, isShared } = this.#context;
    try {
      await store.results.commitResults(runId, batch);
      for (const { ordinal, outcome } of batch) this.#ends.done(ordinal, "outputs" in outcome);
    } catch (error) {
      if (!isShared || !isAssayError(error, "already-exists")) throw error;
      // One of them was committed by another worker, and kept the others out.
      if (batch.length > 1) for (const result of batch) await this.#commitAll([result]);
      else for (const { ordinal } of batch) this.#ends.contested?.(ordinal);
    }
  }
}

/** Characters in the texts at the top, which is where long ones are. */
function textIn(value: JsonValue): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 8;
  let size = 0;
  for (const member of Object.values(value))
    size += typeof member === "string" ? member.length : 64;
  return size;
}
