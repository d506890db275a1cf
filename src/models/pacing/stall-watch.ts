/** Answers seen before a stall can be told from a slow one. */
const ENOUGH = 10;

/** How many times the slowest of the recent answers a call may take. */
const TIMES = 4;

const SHORTEST_MS = 2_000;
const LONGEST_MS = 120_000;

/** Answers that are remembered. */
const RECENT = 200;

/** Tells how long to wait for an answer before asking again is the better bet. */
export class StallWatch {
  readonly #recent: number[] = [];
  #count = 0;

  answered(ms: number): void {
    this.#recent[this.#count % RECENT] = ms;
    this.#count += 1;
  }

  /** In milliseconds; absent while too few answers were seen. */
  get patienceMs(): number | undefined {
    if (this.#count < ENOUGH) return undefined;
    const slowest = this.#recent.reduce((most, ms) => Math.max(most, ms), 0);
    return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, TIMES * slowest));
  }
}
