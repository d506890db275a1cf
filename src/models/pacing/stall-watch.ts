/** Answers seen before a stall can be told from a slow one. */
const ENOUGH = 10;

/** How many times the slowest of the recent answers a call may take. */
const TIMES = 4;

const SHORTEST_MS = 10_000;

/** Per token that an answer may have: 20 tokens a second, as slow models write. */
const MS_PER_TOKEN = 50;

/** Attempts that are remembered. */
const RECENT = 200;

/** Where more of them than this were given up, it is the provider that has become slow. */
const RARE = 0.1;

/** Tells how long to wait for an answer before asking again is the better bet. */
export class StallWatch {
  readonly #recent: { readonly ms: number; readonly isGivenUp: boolean }[] = [];
  #count = 0;

  answered(ms: number): void {
    this.#remember(ms, false);
  }

  /** An attempt was given up after so long. */
  givenUp(ms: number): void {
    this.#remember(ms, true);
  }

  /**
   * In milliseconds; absent while too few answers were seen.
   *
   * @param maxTokens - What the answer is limited to, where it is.
   */
  patienceMs(maxTokens = 0): number | undefined {
    const givenUp = this.#recent.filter(({ isGivenUp }) => isGivenUp);
    if (this.#count - givenUp.length < ENOUGH) return undefined;
    const areRare = givenUp.length <= RARE * this.#recent.length;
    const slowest = this.#recent.reduce(
      (most, { ms, isGivenUp }) => (isGivenUp && areRare ? most : Math.max(most, ms)),
      0,
    );
    return Math.max(SHORTEST_MS, TIMES * slowest, MS_PER_TOKEN * maxTokens);
  }

  #remember(ms: number, isGivenUp: boolean): void {
    this.#recent[this.#count % RECENT] = { ms, isGivenUp };
    this.#count += 1;
  }
}
