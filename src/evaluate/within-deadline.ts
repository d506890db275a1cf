import { AssayError, type Deadline as Pausable, registerDeadline } from "../core/index.ts";

/** For how long work in flight may go on after the evaluation was told to stop: an answer of a model may take most of it. */
const GRACE_MS = 60_000;

/** The reason of an abort after which work in flight has less time, or more, than by default. */
export class StopWithin extends Error {
  readonly graceMs: number;

  constructor(graceMs: number) {
    super(`stopped, with ${graceMs} ms for what is in flight`);
    this.graceMs = graceMs;
  }
}

export interface Deadline {
  /** From the start of the work, without what it waits for its turn at a rate limit; absent for no limit. */
  readonly timeoutMs?: number | undefined;
  /** Tells the evaluation to stop: work in flight has some time to finish, then it is given up. */
  readonly stop?: AbortSignal | undefined;
  /** How much, in milliseconds from the stop. Default: what a {@link StopWithin} says, else a minute. */
  readonly graceMs?: number | undefined;
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
  /** Requests that were sent and have not come to their end. */
  #sent = 0;
  /** Whether calls of it are told of here, and whether one was answered. */
  #isTold = false;
  #hasAnswer = false;

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
    this.#isTold = true;
    this.#giveUpIdle();
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

  sending(): void {
    this.#sent += 1;
  }

  settled(hasAnswer: boolean): void {
    this.#sent -= 1;
    this.#hasAnswer ||= hasAnswer;
    this.#giveUpIdle();
  }

  async race<T>(work: Promise<T>): Promise<T> {
    const { stop } = this.#deadline;
    const { promise, reject } = Promise.withResolvers<never>();
    this.#giveUp = (error) => {
      this.#controller?.abort(error);
      reject(error);
    };
    const onStop = () => {
      this.#giveUpIdle();
      const left = graceLeftMs(this.#deadline);
      this.#graceTimer = setTimeout(() => this.#giveUp?.(givenUp()), left);
    };
    if (this.#pauses === 0) this.#start();
    if (stop?.aborted) onStop();
    else if (stop !== undefined) waitersOf(stop).add(onStop);
    try {
      return await Promise.race([work, promise]);
    } finally {
      this.#giveUp = undefined;
      clearTimeout(this.#timer);
      clearTimeout(this.#graceTimer);
      if (stop !== undefined) waitersOf(stop).delete(onStop);
    }
  }

  /**
   * Once the evaluation stops: work whose calls wait for their turn, or to be repeated, and none of whose
   * calls was answered, has nothing that could be lost.
   */
  #giveUpIdle(): void {
    const isIdle = this.#isTold && this.#sent === 0 && !this.#hasAnswer;
    if (isIdle && this.#deadline.stop?.aborted) this.#giveUp?.(givenUp());
  }

  #start(): void {
    const { timeoutMs } = this.#deadline;
    if (timeoutMs === undefined) return;
    const left = Math.max(0, timeoutMs - this.elapsedMs);
    this.#timer = setTimeout(() => this.#giveUp?.(timedOut(timeoutMs)), left);
  }
}

const waiters = new WeakMap<AbortSignal, Set<() => void>>();

/** Called when the signal is aborted: one listener for all work in flight, where one for each costs as much as a short model. */
function waitersOf(stop: AbortSignal): Set<() => void> {
  const known = waiters.get(stop);
  if (known !== undefined) return known;
  const waiting = new Set<() => void>();
  waiters.set(stop, waiting);
  const tell = () => {
    for (const call of waiting) call();
  };
  stop.addEventListener("abort", tell, { once: true });
  return waiting;
}

function timedOut(timeoutMs: number): Error {
  const error = new Error(`no answer within ${timeoutMs} ms`);
  error.name = "TimeoutError";
  return error;
}

/** When each evaluation was told to stop: what begins later, a score of the last answer, ends with the others. */
const stoppedAt = new WeakMap<AbortSignal, number>();

function graceLeftMs({ stop, graceMs }: Deadline): number {
  if (stop === undefined) return GRACE_MS;
  const now = performance.now();
  const at = stoppedAt.get(stop) ?? now;
  stoppedAt.set(stop, at);
  const { reason } = stop;
  const asked = reason instanceof StopWithin ? reason.graceMs : undefined;
  const grace = asked === 0 ? 0 : (graceMs ?? asked ?? GRACE_MS);
  return Math.max(0, at + grace - now);
}

/** Of work that was not finished because the evaluation stops. */
export function givenUp(): Error {
  return new AssayError("cancelled", "the evaluation was stopped before this row was finished");
}
