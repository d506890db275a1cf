import { type Clock, type RateBudget, systemClock } from "../../core/index.ts";
import { AdaptiveRate, type Ticket } from "./adaptive-rate.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Leave to send one request; what became of it has to be told, by exactly one of the methods. */
export interface Permit {
  /** Answered. @param tokens - What it used in fact, where the provider tells. */
  accepted(tokens?: number): void;
  /** HTTP 429. */
  refused(retryAfterMs: number | undefined): void;
  /** Failed at the server or on the way; says nothing about the rate. */
  failed(): void;
}

export interface AcquireOptions {
  /** An estimate of what the request and its answer use. */
  readonly tokens: number;
  /** A request that was refused before goes ahead of those that were never sent. */
  readonly isRepeated?: boolean;
  readonly signal?: AbortSignal | undefined;
}

interface Waiting {
  readonly tokens: number;
  readonly grant: (permit: Permit) => void;
  isGone: boolean;
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
  #requests: TokenBucket | undefined;
  #tokens: TokenBucket | undefined;
  #budget: RateBudget = {};
  readonly #repeated: Waiting[] = [];
  readonly #fresh: Waiting[] = [];
  #cancelTimer: (() => void) | undefined;

  constructor({ clock = systemClock, timer = systemTimer }: { clock?: Clock; timer?: Timer } = {}) {
    this.#clock = clock;
    this.#timer = timer;
  }

  /** Requests per second at present. */
  get rate(): number {
    return this.#rate.rate;
  }

  /** Sets limits, or lowers those that another evaluation of this process has set. */
  limitTo({ rpm, tpm }: RateBudget): void {
    if (rpm !== undefined && rpm < (this.#budget.rpm ?? Number.POSITIVE_INFINITY)) {
      this.#requests = new TokenBucket(rpm);
      this.#budget = { ...this.#budget, rpm };
    }
    if (tpm !== undefined && tpm < (this.#budget.tpm ?? Number.POSITIVE_INFINITY)) {
      this.#tokens = new TokenBucket(tpm);
      this.#budget = { ...this.#budget, tpm };
    }
  }

  /** Sends nothing for so long, as the headers of a reply may ask. */
  pause(ms: number): void {
    this.#rate.pause(this.#clock.monotonic(), ms);
  }

  /** @throws the signal's reason when it is aborted while the request waits. */
  async acquire({ tokens, isRepeated = false, signal }: AcquireOptions): Promise<Permit> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Permit>();
    const waiting: Waiting = { tokens, grant: resolve, isGone: false };
    const giveUp = () => {
      waiting.isGone = true;
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", giveUp, { once: true });
    (isRepeated ? this.#repeated : this.#fresh).push(waiting);
    this.#serve();
    try {
      return await promise;
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  #permit(tokens: number, now: number): Permit {
    const ticket: Ticket = this.#rate.take(now);
    this.#requests?.take(1, now);
    this.#tokens?.take(tokens, now);
    const settle = (change: (now: number) => void) => {
      change(this.#clock.monotonic());
      this.#serve();
    };
    return {
      accepted: (used) =>
        settle((now) => {
          this.#rate.accepted(ticket, now);
          if (used !== undefined) this.#tokens?.take(used - tokens, now);
        }),
      refused: (retryAfterMs) =>
        settle((now) => {
          this.#rate.refused(ticket, now, retryAfterMs);
          this.#tokens?.take(-tokens, now);
        }),
      failed: () => settle((now) => this.#rate.failed(now)),
    };
  }

  /** Grants those that may go now, in turn, and comes back for the next. */
  #serve(): void {
    if (this.#cancelTimer !== undefined) return;
    for (let first = this.#first(); first !== undefined; first = this.#first()) {
      const now = this.#clock.monotonic();
      const next = Math.max(
        this.#rate.nextAt(now),
        this.#requests?.nextAt(1, now) ?? now,
        this.#tokens?.nextAt(first.tokens, now) ?? now,
      );
      if (next > now) {
        this.#cancelTimer = this.#timer(() => this.#wake(), Math.ceil(next - now));
        return;
      }
      this.#shift();
      first.grant(this.#permit(first.tokens, now));
    }
  }

  #wake(): void {
    this.#cancelTimer = undefined;
    this.#serve();
  }

  #first(): Waiting | undefined {
    for (const queue of [this.#repeated, this.#fresh]) {
      while (queue[0]?.isGone) queue.shift();
      if (queue[0] !== undefined) return queue[0];
    }
    return undefined;
  }

  #shift(): void {
    (this.#repeated.length > 0 ? this.#repeated : this.#fresh).shift();
  }
}
