import { AssayError, type Clock, type RateBudget, systemClock } from "../../core/index.ts";
import { AdaptiveRate } from "./adaptive-rate.ts";
import { Lane, type Waiting } from "./lane.ts";

/** A provider that asks for a longer pause is not waited for. */
export const LONGEST_PAUSE_MS = 10 * 60_000;

/** Leave to send one request; what became of it has to be told, by exactly one of the methods. */
export interface Permit {
  /** Answered. @param tokens - What it used in fact, where the provider tells. */
  accepted(tokens?: number): void;
  /** HTTP 429. */
  refused(retryAfterMs: number | undefined): void;
  /** Failed at the server or on the way; says nothing about the rate. */
  failed(): void;
  /** Never sent. */
  unused(): void;
}

interface AcquireOptions {
  /** An estimate of what the request and its answer use. */
  readonly tokens: number;
  /** What the caller allows itself, beside what the provider takes. Callers of equal budgets share one. */
  readonly budget?: RateBudget | undefined;
  /** A request that was refused before goes ahead of those that were never sent. */
  readonly isRepeated?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Fires once; what it returns cancels it. */
export type Timer = (callback: () => void, ms: number) => () => void;

export const systemTimer: Timer = (callback, ms) => {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
};

/** Lets requests to one provider, key and model go at the rate that it takes them at. */
export class RateLimiter {
  readonly #rate = new AdaptiveRate();
  readonly #clock: Clock;
  readonly #timer: Timer;
  readonly #lanes = new Map<string, Lane<Permit>>();
  #order = 0;
  #wakeUp: { readonly at: number; readonly cancel: () => void } | undefined;

  constructor({ clock = systemClock, timer = systemTimer }: { clock?: Clock; timer?: Timer } = {}) {
    this.#clock = clock;
    this.#timer = timer;
  }

  /** Requests per second at present. */
  get rate(): number {
    return this.#rate.rate;
  }

  /** For how long the provider has refused everything. */
  get refusedForMs(): number {
    return this.#rate.refusedFor(this.#clock.monotonic());
  }

  /** For how long those who wait are kept waiting by a pause that the provider asked for; 0 where nobody is. */
  get pausedForMs(): number {
    const now = this.#clock.monotonic();
    return this.#nextTurn(now) === undefined ? 0 : Math.max(0, this.#rate.pausedFor(now));
  }

  /** Sends nothing for so long, as the headers of a reply may ask. */
  pause(ms: number): void {
    this.#rate.pause(this.#clock.monotonic(), ms);
  }

  /**
   * @throws {AssayError} `unavailable` when the provider asks for a pause that is not waited for.
   * @throws the signal's reason when it is aborted while the request waits.
   */
  async acquire({
    tokens,
    budget = {},
    isRepeated = false,
    signal,
  }: AcquireOptions): Promise<Permit> {
    signal?.throwIfAborted();
    const { promise, resolve: grant, reject: refuse } = Promise.withResolvers<Permit>();
    const order = this.#order++;
    const waiting: Waiting<Permit> = { tokens, isRepeated, order, grant, refuse, isGone: false };
    const giveUp = () => {
      waiting.isGone = true;
      refuse(signal?.reason);
      // A timer that nobody waits for would keep the process alive.
      this.#serve();
    };
    signal?.addEventListener("abort", giveUp, { once: true });
    this.#laneOf(budget).push(waiting);
    this.#serve();
    try {
      return await promise;
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  #laneOf(budget: RateBudget): Lane<Permit> {
    const key = `${budget.rpm}/${budget.tpm}`;
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = new Lane(budget);
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  #permit(lane: Lane<Permit>, tokens: number, now: number): Permit {
    const ticket = this.#rate.take(now);
    lane.take(tokens, now);
    const settle = (change: (now: number) => void) => {
      change(this.#clock.monotonic());
      this.#serve();
    };
    return {
      accepted: (used) =>
        settle((now) => {
          this.#rate.accepted(ticket, now);
          if (used !== undefined) lane.correct(used - tokens, now);
        }),
      refused: (retryAfterMs) =>
        settle((now) => {
          this.#rate.refused(ticket, now, retryAfterMs);
          lane.correct(-tokens, now);
        }),
      failed: () => settle(() => this.#rate.failed()),
      unused: () => settle((now) => lane.correct(-tokens, now)),
    };
  }

  /** Grants those that may go now, in turn, and comes back for the next. */
  #serve(): void {
    for (;;) {
      const now = this.#clock.monotonic();
      const turn = this.#nextTurn(now);
      if (turn === undefined) {
        this.#wakeAt(undefined);
        return;
      }
      const { lane, waiting } = turn;
      const pausedFor = this.#rate.pausedFor(now);
      // After so long without a request that was taken, only one that comes between the pauses is sent.
      const isHopeless = pausedFor > 0 && this.#rate.refusedFor(now) > LONGEST_PAUSE_MS;
      if (isHopeless || pausedFor > LONGEST_PAUSE_MS) {
        lane.shift();
        waiting.refuse(isHopeless ? refusedAll() : tooLong(pausedFor));
        continue;
      }
      const next = Math.max(this.#rate.nextAt(now), turn.at);
      if (next > now) {
        this.#wakeAt(next);
        return;
      }
      lane.shift();
      waiting.grant(this.#permit(lane, waiting.tokens, now));
    }
  }

  /** Comes back at `at`, or looks again before; never when nobody waits. */
  #wakeAt(at: number | undefined): void {
    if (at !== undefined && this.#wakeUp !== undefined && this.#wakeUp.at <= at) return;
    this.#wakeUp?.cancel();
    this.#wakeUp = undefined;
    if (at === undefined) return;
    const cancel = this.#timer(
      () => {
        this.#wakeUp = undefined;
        this.#serve();
      },
      Math.max(0, Math.ceil(at - this.#clock.monotonic())),
    );
    this.#wakeUp = { at, cancel };
  }

  /** Of those whom their budgets let go first, who was sent before, and then who waits longest. */
  #nextTurn(now: number): Turn | undefined {
    let best: Turn | undefined;
    for (const lane of this.#lanes.values()) {
      const waiting = lane.first();
      if (waiting === undefined) continue;
      const turn = { lane, waiting, at: lane.nextAt(waiting.tokens, now) };
      if (best === undefined || isBefore(turn, best)) best = turn;
    }
    return best;
  }
}

interface Turn {
  readonly lane: Lane<Permit>;
  readonly waiting: Waiting<Permit>;
  /** When the budget of the lane allows it. */
  readonly at: number;
}

function isBefore(one: Turn, other: Turn): boolean {
  if (one.at !== other.at) return one.at < other.at;
  if (one.waiting.isRepeated !== other.waiting.isRepeated) return one.waiting.isRepeated;
  return one.waiting.order < other.waiting.order;
}

function refusedAll(): AssayError {
  return new AssayError(
    "unavailable",
    `The provider has refused every request for ${LONGEST_PAUSE_MS / 60_000} minutes (HTTP 429); run it again later.`,
  );
}

function tooLong(pausedForMs: number): AssayError {
  const minutes = (ms: number) => `${Math.ceil(ms / 60_000)} minutes`;
  return new AssayError(
    "unavailable",
    `The provider takes no request for another ${minutes(pausedForMs)}, and ${minutes(LONGEST_PAUSE_MS)} are waited for at most; run it again later.`,
  );
}
