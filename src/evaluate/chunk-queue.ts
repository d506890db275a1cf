import type { CommittedTrial, WorkChunk } from "../store/index.ts";
import { isDead, LEASE_MS, RENEWAL_MS } from "./lease.ts";
import type { TrialContext } from "./predict.ts";
import type { Trial } from "./run-trial.ts";
import { isWhole, type TrialEnds } from "./run-trials.ts";
import type { Stop } from "./stop-signal.ts";

/** A chunk that this worker holds. */
interface OpenChunk {
  readonly chunk: number;
  readonly ordinals: readonly number[];
  /** Trials that are not committed yet. */
  left: number;
  isContested: boolean;
}

/** The part of a shared run's rows that one worker takes, chunk by chunk. */
export class ChunkQueue implements TrialEnds {
  readonly #context: TrialContext;
  readonly #worker: string;
  readonly #renewal: NodeJS.Timeout;
  /** By the ordinals of its rows. */
  readonly #open = new Map<number, OpenChunk>();
  readonly #closing = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(context: TrialContext, worker: string) {
    this.#context = context;
    this.#worker = worker;
    const { store, runId } = context;
    const renew = () => store.work.renew(runId, this.#lease);
    // One renewal that fails is made good by the next.
    this.#renewal = setInterval(() => void renew().catch(() => undefined), RENEWAL_MS);
    this.#renewal.unref();
  }

  get #lease() {
    return { worker: this.#worker, ttlMs: LEASE_MS };
  }

  /** Trials of one chunk after another, until no chunk is free or the run has spent what it may. */
  async *trials(stop: Stop): AsyncGenerator<Trial> {
    const { store, runId, spending } = this.#context;
    for (;;) {
      this.#check();
      if (spending.isLimited) {
        spending.learn((await store.results.countResults(runId)).usage);
        if (spending.stop !== undefined) return stop.now();
      }
      const chunk = await store.work.claim(runId, this.#lease);
      if (chunk === undefined) return;
      yield* await this.#begin(chunk);
    }
  }

  done(ordinal: number): void {
    const open = this.#open.get(ordinal);
    if (open === undefined) return;
    open.left -= 1;
    if (open.left === 0) this.#close(open);
  }

  contested(ordinal: number): void {
    const open = this.#open.get(ordinal);
    if (open !== undefined) open.isContested = true;
    this.done(ordinal);
  }

  /** Resolves when chunks whose trials are done are known to be so in the store. */
  async settled(): Promise<void> {
    await Promise.all(this.#closing);
    this.#check();
  }

  /** Gives back what is not done. */
  async leave(): Promise<void> {
    clearInterval(this.#renewal);
    await Promise.allSettled(this.#closing);
    const { store, runId } = this.#context;
    await Promise.allSettled([store.work.release(runId, this.#worker)]);
  }

  async #begin({ chunk, rows }: WorkChunk): Promise<Trial[]> {
    const { plan, store, runId } = this.#context;
    const ordinals = rows.map(({ ordinal }) => ordinal);
    const committed = new Map<string, CommittedTrial>();
    for await (const one of store.results.committedTrials(runId, ordinals)) {
      committed.set(`${one.trial} ${one.rowKey}`, one);
    }
    const trials: Trial[] = [];
    for (const row of rows) {
      for (let trial = 0; trial < plan.trials; trial++) {
        const known = committed.get(`${trial} ${row.rowKey}`);
        if (known === undefined) trials.push({ row, trial });
        else if (!isWhole(plan, known)) trials.push({ row, trial, committed: known });
      }
    }
    const open = { chunk, ordinals, left: trials.length, isContested: false };
    if (trials.length === 0) this.#close(open);
    else for (const { row } of trials) this.#open.set(row.ordinal, open);
    return trials;
  }

  #close({ chunk, ordinals, isContested }: OpenChunk): void {
    for (const ordinal of ordinals) this.#open.delete(ordinal);
    const { store, runId } = this.#context;
    const closing = (
      isContested
        ? // Who committed a part of it may not come to the rest: it is looked at once more.
          store.work.release(runId, this.#worker, chunk)
        : store.work.finish(runId, chunk, this.#worker).then(() => undefined)
    )
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

/** Gives back what workers of this machine hold that have died; resolves to whether there were any. */
export async function releaseDead(
  { store, runId }: Pick<TrialContext, "store" | "runId">,
  workers: readonly string[],
): Promise<boolean> {
  const dead = workers.filter(isDead);
  for (const worker of dead) await store.work.release(runId, worker);
  return dead.length > 0;
}
