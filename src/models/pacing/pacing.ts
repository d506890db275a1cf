import {
  type Clock,
  offTheClock,
  type RateBudget,
  systemClock,
  underWay,
} from "../../core/index.ts";
import { type ProviderFailure, readFailure } from "../errors.ts";
import { OutageWatch } from "./outage-watch.ts";
import {
  LONGEST_PAUSE_MS,
  type Permit,
  type RateLimiter,
  systemTimer,
  type Timer,
} from "./rate-limiter.ts";
import { type ReplyHeaders, type ReplyLimits, readReplyLimits } from "./reply-limits.ts";
import { StallWatch } from "./stall-watch.ts";

/** A reply as it came, with the headers where the client hands them out. */
export interface Sent<Reply> {
  readonly reply: Reply;
  readonly headers?: ReplyHeaders | undefined;
}

interface PacedCall<Reply> {
  /** Sends the request once, without retries of the client's own. */
  readonly send: (signal: AbortSignal) => Promise<Sent<Reply>>;
  /** Tokens that the request holds, estimated. */
  readonly tokens: number;
  /** What the answer is limited to: a long one is given more time. */
  readonly maxTokens?: number | undefined;
  /** What a reply used in fact. */
  readonly tokensOf: (reply: Reply) => number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of each attempt, failed ones included. */
  readonly onAttempt?: () => void;
}

export interface PacingOptions {
  readonly limiter: RateLimiter;
  readonly budget?: RateBudget;
  /** After the first attempt, on 408, 409, 5xx and broken connections. Default 6; 0 repeats nothing, no 429 either. */
  readonly maxRetries?: number;
  readonly clock?: Clock;
  /** In [0, 1). */
  readonly random?: () => number;
  readonly timer?: Timer;
}

const DEFAULT_RETRIES = 6;

/** Attempts that are given up when they stall, and how often that is looked at. */
const WATCHED_ATTEMPTS = 2;
const WATCH_MS = 500;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;

interface Progress {
  /** Of the call, refusals not counted. */
  readonly failures: number;
  /** Since when the call has been refused. */
  readonly refusedSince: number | undefined;
  /** When its last attempt was. */
  readonly sentAt: number;
}

interface Watched {
  readonly started: number;
  readonly attempt: number;
  readonly maxTokens: number | undefined;
}

type Next = { readonly kind: "throw" } | { readonly kind: "retry"; readonly afterMs: number };

/**
 * Sends requests at the pace of a limiter and repeats those that may succeed later.
 *
 * 429 is no failure of the call: it waits until the limiter lets it go again. 408, 409, 5xx and broken
 * connections are repeated with equal jitter (Brooker, "Exponential Backoff and Jitter", AWS 2015) and
 * obey `Retry-After`; with full jitter, one of a hundred calls may have used up its retries within seconds.
 * A call that stalls, taking many times what calls have taken, is asked again, twice at most.
 */
export class Pacing {
  readonly #options: PacingOptions;
  readonly #clock: Clock;
  readonly #stalls = new StallWatch();
  readonly #outage = new OutageWatch();

  constructor(options: PacingOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** @throws what the last attempt threw, or the signal's reason. */
  async run<Reply>(call: PacedCall<Reply>): Promise<Reply> {
    const { limiter, budget } = this.#options;
    const { tokens, signal } = call;
    let failures = 0;
    let refusedSince: number | undefined;
    for (let attempt = 0; ; attempt++) {
      const permit = await offTheClock(signal, () =>
        limiter.acquire({ tokens, budget, signal, isRepeated: attempt > 0 }),
      );
      if (signal?.aborted) {
        permit.unused();
        throw signal.reason;
      }
      call.onAttempt?.();
      const sentAt = this.#clock.monotonic();
      try {
        const { reply, headers } = await underWay(signal, () => this.#attempt(call, attempt));
        permit.accepted(call.tokensOf(reply));
        this.#obey(readReplyLimits(headers, this.#clock.now()));
        this.#outage.answered();
        return reply;
      } catch (error) {
        if (signal?.aborted) {
          permit.failed();
          throw error;
        }
        const failure = readFailure(error);
        if (failure.status === 429) refusedSince ??= this.#clock.monotonic();
        else failures += 1;
        const next = this.#afterFailure(failure, permit, { failures, refusedSince, sentAt });
        if (next.kind === "throw") throw error;
        // On the clock: what a row's time is for includes asking again.
        await this.#sleep(next.afterMs, signal);
      }
    }
  }

  /** One request. The first ones of a call are given up when they stall; the client's own time limit holds for all. */
  async #attempt<Reply>(
    { send, signal, maxTokens }: PacedCall<Reply>,
    attempt: number,
  ): Promise<Sent<Reply>> {
    const controller = new AbortController();
    const giveUp = () => controller.abort(signal?.reason);
    signal?.addEventListener("abort", giveUp, { once: true });
    const started = this.#clock.monotonic();
    const endWatch = this.#watch(controller, { started, attempt, maxTokens });
    try {
      const sent = await send(controller.signal);
      this.#stalls.answered(this.#clock.monotonic() - started);
      return sent;
    } catch (error) {
      // What the client throws then says only that it was aborted.
      throw controller.signal.aborted ? controller.signal.reason : error;
    } finally {
      endWatch();
      signal?.removeEventListener("abort", giveUp);
    }
  }

  /** Aborts an attempt that stalls. What a stall is may be learnt while it goes on. */
  #watch(controller: AbortController, { started, attempt, maxTokens }: Watched): () => void {
    const { maxRetries = DEFAULT_RETRIES, timer = systemTimer } = this.#options;
    if (attempt >= Math.min(WATCHED_ATTEMPTS, maxRetries)) return () => undefined;
    let cancel: () => void = () => undefined;
    const look = () => {
      const patienceMs = this.#stalls.patienceMs(maxTokens);
      const waitedMs = this.#clock.monotonic() - started;
      if (patienceMs === undefined || waitedMs < patienceMs) {
        cancel = timer(look, WATCH_MS);
        return;
      }
      this.#stalls.givenUp(waitedMs);
      controller.abort(new Error(`no answer within ${waitedMs} ms`));
    };
    cancel = timer(look, WATCH_MS);
    return () => cancel();
  }

  #afterFailure(
    failure: ProviderFailure,
    permit: Permit,
    { failures, refusedSince, sentAt }: Progress,
  ): Next {
    const limits = readReplyLimits(failure.headers, this.#clock.now());
    const { limiter } = this.#options;
    const waited = this.#clock.monotonic() - (refusedSince ?? this.#clock.monotonic());
    const asked = limits.retryAfterMs ?? 0;
    const { maxRetries = DEFAULT_RETRIES, random = Math.random } = this.#options;
    if (failure.status === 429) {
      permit.refused(limits.retryAfterMs);
      this.#outage.answered();
      // No quota left is no matter of time.
      const isFinal = failure.isOutOfQuota || limits.shouldRetry === false || maxRetries === 0;
      // Calls that come to a provider which has long refused all of them do not wait as long again.
      const isTooLong = Math.max(waited, limiter.refusedForMs) + asked > LONGEST_PAUSE_MS;
      return isFinal || isTooLong ? { kind: "throw" } : { kind: "retry", afterMs: 0 };
    }
    permit.failed();
    this.#obey(limits);
    if (!isTransient(failure)) {
      this.#outage.answered();
      return { kind: "throw" };
    }
    this.#outage.failed(sentAt, this.#clock.monotonic());
    if (limits.shouldRetry === false || this.#outage.isUnreachable) return { kind: "throw" };
    if (failures > maxRetries || asked > LONGEST_PAUSE_MS) {
      return { kind: "throw" };
    }
    const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1));
    return { kind: "retry", afterMs: Math.max(asked, (ceiling * (1 + random())) / 2) };
  }

  #obey({ exhaustedForMs }: ReplyLimits): void {
    if (exhaustedForMs !== undefined) this.#options.limiter.pause(exhaustedForMs);
  }

  async #sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (ms <= 0) return;
    const { timer = systemTimer } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = () => reject(signal?.reason);
    const cancelTimer = timer(resolve, ms);
    signal?.addEventListener("abort", giveUp, { once: true });
    try {
      await promise;
    } finally {
      cancelTimer();
      signal?.removeEventListener("abort", giveUp);
    }
  }
}

/** Whether the same request may well succeed a little later. */
function isTransient({ status, isAnswer }: ProviderFailure): boolean {
  if (status === undefined) return !isAnswer;
  return status === 408 || status === 409 || status >= 500;
}
