/** What a request learns when it is sent; it hands it back with what became of it. */
interface Ticket {
  readonly sentAt: number;
  /** Requests per second at that moment. */
  readonly rate: number;
  /** How often the rate had been cut by then. */
  readonly cuts: number;
}

/** Requests per second to begin with. */
const FIRST_RATE = 25;
const LOWEST_RATE = 0.05;

/** In seconds: how fast the rate doubles before the first refusal, where answers come sooner than that. */
const DOUBLING_S = 0.7;

/** How much faster a higher limit is looked for after a refusal that may have been an accident. */
const IMPATIENCE = 0.5;

/** The same after refusals with so few answers between them that they say nothing of a limit. */
const GREAT_IMPATIENCE = 0.02;
const FEW = 10;

/** Share of an estimate that is used: the rest is room for timers that fire late and requests that bunch. */
const CAUTION = 0.97;

/** How far to go back after a refusal that came soon after another, and how fast to return from there. */
const STEP_BACK = 0.8;
const RETURN_PER_S = 0.4;

/**
 * By what share the rate grows each second, for each cubic second that has passed since the last cut: hardly
 * at all near the limit that was met, and fast where that was an accident (as TCP CUBIC, RFC 9438).
 */
const PROBING_PER_S4 = 1e-7;

/** From so long without a refusal, what was accepted is the limit whatever way the provider counts. */
const LONG_SPAN_MS = 5_000;

/** So late may a timer be for the next turn to be counted from when it was due. */
const SLACK_MS = 100;

/** Providers count in windows of a second at least; over a shorter time a rate means nothing. */
const WINDOW_MS = 1_000;

/** A refusal belongs to those before it when it comes so soon after the pause that they asked for. */
const FORGOTTEN_MS = 30_000;

const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 10_000;

/** After a cut, the first pause that is made although the provider asks for a shorter one; then doubled. */
const SETTLING_MS = 100;

/**
 * How many requests per second a provider takes, learnt from what it refuses (HTTP 429).
 *
 * The rate begins low and soon doubles, every 0.7 s, as in TCP's slow start; refusals before anything was accepted
 * halve it, and it starts again. A refusal stops all sending for as long as the provider asks. Where to go
 * on is estimated from what was taken: under a limit per window, what was sent within the second before;
 * under a token bucket, what it took between two refusals, pauses included, because tokens are saved up
 * meanwhile. From there the rate returns to just below where it was refused, and then grows very slowly.
 * Requests that were on their way during a refusal cut nothing again, and failures of the server (5xx)
 * neither raise nor lower the rate.
 *
 * Pure: every method is told the time, in milliseconds of a clock that never goes back.
 */
export class AdaptiveRate {
  #rate = FIRST_RATE;
  #cuts = 0;
  #lastCut = Number.NEGATIVE_INFINITY;
  /** Refusals since the last cut, while it was taking effect. */
  #settling = 0;
  #refusalsInARow = 0;
  /** Of the refusals that came one soon after the other, and nothing was taken between or after. */
  #firstRefusal: number | undefined;
  #nextTurn = Number.NEGATIVE_INFINITY;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  /** Whether requests have lately waited for their turn: only then the rate is what limits them. */
  #isBusy = false;
  /** Since the last cut. */
  #spanStart: number | undefined;
  #accepted = 0;
  /** When requests were sent that were not refused, within the last {@link LONG_SPAN_MS}. */
  #sent: number[] = [];
  /** How slowly to look for a higher limit: doubled each time the same one is met again. */
  #patience = 1;
  #limit: number | undefined;
  #latencyS = 0;

  /** Requests per second at present. */
  get rate(): number {
    return this.#rate;
  }

  /** When the next request may be sent; not after `now` when it may be sent at once. */
  nextAt(now: number): number {
    const next = Math.max(this.#nextTurn, this.#pausedUntil);
    if (next > now) this.#isBusy = true;
    return next;
  }

  /** For how long nothing is sent because the provider asked for that; 0 or less when it may be. */
  pausedFor(now: number): number {
    return this.#pausedUntil - now;
  }

  /** For how long everything has been refused; 0 while something is taken. */
  refusedFor(now: number): number {
    return this.#firstRefusal === undefined ? 0 : now - this.#firstRefusal;
  }

  /** Takes the turn that {@link nextAt} allowed. */
  take(now: number): Ticket {
    this.#spanStart ??= now;
    this.#note(now);
    const due = Math.max(this.#nextTurn, this.#pausedUntil);
    const isIdle = now - due > SLACK_MS;
    if (isIdle) this.#isBusy = false;
    this.#nextTurn = (isIdle ? now : due) + 1000 / this.#rate;
    return { sentAt: now, rate: this.#rate, cuts: this.#cuts };
  }

  /** The provider took the request and answered it. */
  accepted(ticket: Ticket, now: number): void {
    this.#firstRefusal = undefined;
    this.#refusalsInARow = 0;
    this.#accepted += 1;
    this.#latencyS += ((now - ticket.sentAt) / 1000 - this.#latencyS) / 8;
    if (this.#isBusy && ticket.cuts === this.#cuts) this.#rate += this.#growth(now);
  }

  /** The provider took the request and failed at it (5xx): no sign that it would take more, or less. */
  failed(): void {
    this.#firstRefusal = undefined;
    this.#accepted += 1;
  }

  /** The provider refused the request because there are too many. */
  refused(ticket: Ticket, now: number, retryAfterMs: number | undefined): void {
    // Where nobody asked for long after the last pause, what was refused before says nothing.
    if (now > this.#pausedUntil + FORGOTTEN_MS) this.#firstRefusal = undefined;
    this.#firstRefusal ??= now;
    const place = this.#sent.lastIndexOf(ticket.sentAt);
    if (place >= 0) this.#sent.splice(place, 1);
    let least = 0;
    if (ticket.cuts === this.#cuts) {
      this.#refusalsInARow += 1;
      // A provider that counts within a second still counts what was sent before the last cut.
      if (now - this.#lastCut <= WINDOW_MS) {
        least = Math.min(WINDOW_MS, SETTLING_MS * 2 ** this.#settling);
        this.#settling += 1;
      } else {
        this.#cut(now, ticket);
        this.#settling = 0;
      }
    }
    const backoff = FIRST_BACKOFF_MS * 2 ** Math.min(Math.max(0, this.#refusalsInARow - 1), 6);
    this.pause(now, Math.max(least, retryAfterMs ?? Math.min(LONGEST_BACKOFF_MS, backoff)));
  }

  /** Sends nothing for so long. */
  pause(now: number, ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, now + ms);
  }

  /** By how much one accepted request raises the rate, at `rate` of them per second. */
  #growth(now: number): number {
    const doubling = Math.LN2 / Math.max(DOUBLING_S, 2 * this.#latencyS);
    if (this.#limit === undefined) return doubling;
    const room = this.#limit * CAUTION - this.#rate;
    // At a low rate one request stands for many seconds, but returns no farther than to the limit.
    if (room > 0) return Math.min(room, (room * RETURN_PER_S) / this.#rate);
    const ageS = (now - (this.#spanStart ?? now)) / 1000;
    return Math.min(doubling, (PROBING_PER_S4 * ageS ** 3) / this.#patience);
  }

  #cut(now: number, { rate: refusedAt, sentAt }: Ticket): void {
    const spanMs = Math.max(1, now - (this.#spanStart ?? now));
    const between = Math.min(refusedAt, (this.#accepted * 1000) / spanMs);
    const before = this.#limit;
    if (before === undefined && this.#accepted === 0) {
      // Nothing is known but that this was too much.
      this.#rate = refusedAt / 2;
    } else if (before === undefined) {
      // While the rate was rising, the second before the refusal says best what was taken.
      const taken = this.#sent.filter((at) => at > sentAt - WINDOW_MS && at <= sentAt).length;
      this.#limit = Math.min(refusedAt, (taken * 1000) / WINDOW_MS);
      this.#rate = this.#limit * CAUTION;
    } else if (spanMs > LONG_SPAN_MS) {
      this.#limit = Math.max(between, refusedAt);
      this.#rate = this.#limit * CAUTION;
      const isMetAgain = Math.abs(this.#limit - before) < 0.1 * before;
      this.#patience = isMetAgain ? this.#patience * 2 : 1;
    } else {
      this.#limit = refusedAt * 0.95;
      this.#patience = IMPATIENCE;
      this.#rate = Math.max(between, refusedAt * STEP_BACK);
    }
    if (before !== undefined && this.#accepted < FEW) this.#patience = GREAT_IMPATIENCE;
    this.#rate = Math.max(LOWEST_RATE, this.#rate);
    this.#cuts += 1;
    this.#lastCut = now;
    this.#spanStart = now;
    this.#accepted = 0;
  }

  #note(sentAt: number): void {
    this.#sent.push(sentAt);
    const oldest = sentAt - LONG_SPAN_MS;
    if (this.#sent.length < 64 || (this.#sent[32] as number) >= oldest) return;
    this.#sent = this.#sent.slice(this.#sent.findIndex((at) => at >= oldest));
  }
}
