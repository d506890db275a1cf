/** After so long of failures without any answer, the provider is taken to be unreachable. */
const UNREACHABLE_AFTER_MS = 120_000;

/** Attempts so far apart say nothing about the time between them. */
const LONGEST_GAP_MS = 60_000;

/** Tells a provider that is down from one that fails for a while, however many calls meet it meanwhile. */
export class OutageWatch {
  #since: number | undefined;
  #last = 0;

  /** Any reply but a passing failure of the server. */
  answered(): void {
    this.#since = undefined;
  }

  /** An attempt was sent and failed, at these times in milliseconds. */
  failed(sentAt: number, now: number): void {
    if (this.#since === undefined || sentAt - this.#last > LONGEST_GAP_MS) this.#since = now;
    this.#last = now;
  }

  get isUnreachable(): boolean {
    return this.#since !== undefined && this.#last - this.#since >= UNREACHABLE_AFTER_MS;
  }
}
