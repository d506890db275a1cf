/** So long what is to be delivered waits for more, in milliseconds: many traces together take half the time. */
const WAIT_MS = 200;

/** When so many wait they are delivered at once. */
const MOST_WAITING = 512;

/** So many begin before the event loop gets its turn: some hundred microseconds. */
const AT_ONCE = 16;

/**
 * Gives deliveries their turns, many together, so that a program's calls do not wait between them for what
 * is done with their traces.
 */
export class Turns {
  #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isRunning = false;

  /** Resolves when the caller may begin. */
  next(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    if (this.#waiting.length >= MOST_WAITING) this.hurry();
    else if (!this.#isRunning && this.#timer === undefined) {
      this.#timer = setTimeout(() => this.hurry(), WAIT_MS);
      // A program that has nothing else to do ends, and is flushed then.
      this.#timer.unref();
    }
    return promise;
  }

  /** Everybody's turn has come. */
  hurry(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      const begin = this.#waiting.slice(0, AT_ONCE);
      this.#waiting = this.#waiting.slice(AT_ONCE);
      for (const resolve of begin) resolve();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#isRunning = false;
  }
}
