import type { RateBudget } from "../../core/index.ts";
import { TokenBucket } from "./token-bucket.ts";

/** A request that waits for its turn. */
export interface Waiting<Grant> {
  readonly tokens: number;
  /** It was sent before, and goes ahead of those that were never sent. */
  readonly isRepeated: boolean;
  /** The lower, the longer it waits. */
  readonly order: number;
  readonly grant: (grant: Grant) => void;
  readonly refuse: (reason: Error) => void;
  isGone: boolean;
}

/** The requests of one budget, and what of it is left. They do not hold up those of other budgets. */
export class Lane<Grant> {
  readonly #requests: TokenBucket | undefined;
  readonly #tokens: TokenBucket | undefined;
  readonly #repeated: Waiting<Grant>[] = [];
  readonly #fresh: Waiting<Grant>[] = [];

  constructor({ rpm, tpm }: RateBudget) {
    this.#requests = rpm === undefined ? undefined : new TokenBucket(rpm);
    this.#tokens = tpm === undefined ? undefined : new TokenBucket(tpm);
  }

  push(waiting: Waiting<Grant>): void {
    (waiting.isRepeated ? this.#repeated : this.#fresh).push(waiting);
  }

  /** Who is next. */
  first(): Waiting<Grant> | undefined {
    for (const queue of [this.#repeated, this.#fresh]) {
      while (queue[0]?.isGone) queue.shift();
      if (queue[0] !== undefined) return queue[0];
    }
    return undefined;
  }

  /** Takes out who is next. */
  shift(): void {
    (this.#repeated.length > 0 ? this.#repeated : this.#fresh).shift();
  }

  /** When the budget allows a request of so many tokens; not before `now`. */
  nextAt(tokens: number, now: number): number {
    return Math.max(
      now,
      this.#requests?.nextAt(1, now) ?? now,
      this.#tokens?.nextAt(tokens, now) ?? now,
    );
  }

  /** Uses up a request, and the tokens that it is taken to need. */
  take(tokens: number, now: number): void {
    this.#requests?.take(1, now);
    this.#tokens?.take(tokens, now);
  }

  /** Uses up tokens that were not foreseen; fewer than none gives back what was. */
  correct(tokens: number, now: number): void {
    this.#tokens?.take(tokens, now);
  }
}
