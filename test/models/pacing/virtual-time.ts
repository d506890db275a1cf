import type { Clock } from "../../../src/core/index.ts";
import type { Timer } from "../../../src/models/pacing/rate-limiter.ts";

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock and a timer that move only when nothing else is left to do. */
export class VirtualTime {
  #now = 0;
  #order = 0;
  #entries: Entry[] = [];

  readonly clock: Clock = { now: () => this.#now, monotonic: () => this.#now };

  readonly timer: Timer = (callback, ms) => {
    const entry = { at: this.#now + ms, order: this.#order++, callback };
    this.#entries.push(entry);
    return () => {
      this.#entries = this.#entries.filter((other) => other !== entry);
    };
  };

  /** Timers that have not fired. */
  get pending(): number {
    return this.#entries.length;
  }

  readonly sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => void this.timer(resolve, ms));

  /** Runs until `work` has settled. */
  async run<T>(work: Promise<T>): Promise<T> {
    const state = { isSettled: false };
    const done = () => {
      state.isSettled = true;
    };
    work.then(done, done);
    for (;;) {
      // Promises settle in microtasks; a turn of the event loop lets all of them.
      await new Promise((resolve) => setImmediate(resolve));
      if (state.isSettled) return work;
      const next = this.#entries.toSorted((a, b) => a.at - b.at || a.order - b.order)[0];
      if (next === undefined) throw new Error("Nothing is left to wait for");
      this.#entries = this.#entries.filter((entry) => entry !== next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
  }
}
