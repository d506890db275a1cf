/**
 * An upper limit per minute, whatever minute one looks at: a bucket that holds a second's worth and fills at
 * what the rest of the minute allows. It is exceeded only by an amount that is larger than the bucket, in the
 * minute when that is taken; then it is paid off before the next.
 */
export class TokenBucket {
  readonly #capacity: number;
  readonly #perMs: number;
  #level: number;
  #filledAt = Number.NEGATIVE_INFINITY;

  /** @param perMinute - Above 0. */
  constructor(perMinute: number) {
    this.#capacity = Math.max(1, perMinute / 60);
    this.#perMs = Math.max(perMinute - this.#capacity, perMinute / 2) / 60_000;
    this.#level = this.#capacity;
  }

  /** When `amount` may be taken. More than the bucket holds is taken from a full one, and owed. */
  nextAt(amount: number, now: number): number {
    this.#fill(now);
    const lacking = Math.min(amount, this.#capacity) - this.#level;
    return lacking <= 0 ? now : now + lacking / this.#perMs;
  }

  /** A negative amount gives back what was estimated too high. */
  take(amount: number, now: number): void {
    this.#fill(now);
    this.#level = Math.min(this.#capacity, this.#level - amount);
  }

  #fill(now: number): void {
    const passed = Math.max(0, now - this.#filledAt);
    this.#level = Math.min(this.#capacity, this.#level + passed * this.#perMs);
    this.#filledAt = now;
  }
}
