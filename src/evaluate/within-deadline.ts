import { AssayError, type Deadline as Pausable, registerDeadline } from "../core/index.ts";

/** How long rows in flight may go on after the evaluation was told to stop. */
const GRACE_MS = 5000;

export interface Deadline {
  /** From the start of the work, without what it waits for its turn at a rate limit; absent for no limit. */
  readonly timeoutMs?: number | undefined;
  /** Tells the evaluation to stop: work in flight has a few seconds to finish, then it is given up. */
  readonly stop?: AbortSignal | undefined;
}

/** A signal that is made only for work that looks at it: most scorers never do, and there are millions of calls. */
export interface LazySignal {
  readonly signal: AbortSignal;
  /** Milliseconds since the work began, without those it waited for its turn at a rate limit. */
  readonly elapsedMs: number;
}

/**
 * Runs `work` with a signal that is aborted when its time is up, and waits no longer than that for it.
 * What `work` returns at once is returned at once.
 *
 * @throws {Error} named `TimeoutError` after `timeoutMs`, whether or not `work` minds its signal;
 *   {@link AssayError} `cancelled` when it was given up because the evaluation stops.
 */
export function withinDeadline<T>(
  deadline: Deadline,
  work: (lazy: LazySignal) => T | Promise<T>,
): T | Promise<T> {
  const countdown = new Countdown(deadline);
  const given = work(countdown);
  return isPromise(given) ? countdown.race(given) : given;
}

export function isPromise<T>(given: T | Promise<T>): given is Promise<T> {
  return typeof given === "object" && given !== null && "then" in given;
}

class Countdown implements LazySignal, Pausable {
  readonly #deadline: Deadline;
  #controller: AbortController | undefined;
  #giveUp: ((error: Error) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #graceTimer: NodeJS.Timeout | undefined;
  #startedAt = performance.now();
  #usedMs = 0;
  #pauses = 0;

  constructor(deadline: Deadline) {
    this.#deadline = deadline;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      registerDeadline(this.#controller.signal, this);
    }
    return this.#controller.signal;
  }

  get elapsedMs(): number {
    return this.#usedMs + (this.#pauses > 0 ? 0 : performance.now() - this.#startedAt);
  }

  pause(): void {
    this.#pauses += 1;
    if (this.#pauses > 1) return;
    this.#usedMs += performance.now() - this.#startedAt;
    clearTimeout(this.#timer);
  }

  resume(): void {
    this.#pauses -= 1;
    if (this.#pauses > 0) return;
    this.#startedAt = performance.now();
    if (this.#giveUp !== undefined) this.#start();
  }

  async race<T>(work: Promise<T>): Promise<T> {
    const { stop } = this.#deadline;
    const { promise, reject } = Promise.withResolvers<never>();
    this.#giveUp = (error) => {
      this.#controller?.abort(error);
      reject(error);
    };
    const onStop = () => {
      this.#graceTimer = setTimeout(() => this.#giveUp?.(givenUp()), GRACE_MS);
    };
    if (this.#pauses === 0) this.#start();
    if (stop?.aborted) onStop();
    else stop?.addEventListener("abort", onStop, { once: true });
    try {
      return await Promise.race([work, promise]);
    } finally {
      this.#giveUp = undefined;
      clearTimeout(this.#timer);
      clearTimeout(this.#graceTimer);
      stop?.removeEventListener("abort", onStop);
    }
  }

  #start(): void {
    const { timeoutMs } = this.#deadline;
    if (timeoutMs === undefined) return;
    const left = Math.max(0, timeoutMs - this.elapsedMs);
    this.#timer = setTimeout(() => this.#giveUp?.(timedOut(timeoutMs)), left);
  }
}

function timedOut(timeoutMs: number): Error {
  const error = new Error(`no answer within ${timeoutMs} ms`);
  error.name = "TimeoutError";
  return error;
}

function givenUp(): Error {
  return new AssayError("cancelled", "the evaluation was stopped before this row was finished");
}
