import { addUsage, dollarsText, type Usage } from "../core/index.ts";

/** What may be spent on a run. */
interface SpendingLimits {
  /** US dollars. */
  readonly maxCost?: number | undefined;
  /** Input and output tokens together. */
  readonly maxTokens?: number | undefined;
}

/** Answers that were there already. */
export interface CacheUse {
  readonly hits: number;
  /** What they used when they were paid for, as far as it was reported. */
  readonly saved: Usage;
}

/** Counts what the model and the judges use, to stop a run before it costs more than it may. */
export class Spending {
  readonly #limits: SpendingLimits;
  #usage: Usage;
  /** Without what other processes use meanwhile. */
  #own: Usage;
  /** Trials under way, and those that ended: what ended has used {@link #own}. */
  #active = 0;
  #ended: number;
  /** Which limit was met. */
  #met: "maxCost" | "maxTokens" | undefined;
  #hits = 0;
  #saved: Usage = {};

  /** @param before - What earlier processes did of the run, and spent on it. */
  constructor(
    limits: SpendingLimits,
    before: { readonly usage: Usage; readonly completed: number } = { usage: {}, completed: 0 },
  ) {
    this.#limits = limits;
    this.#usage = before.usage;
    this.#own = before.usage;
    this.#ended = before.completed;
  }

  begin(): void {
    this.#active += 1;
  }

  end(): void {
    this.#active -= 1;
    this.#ended += 1;
  }

  get usage(): Usage {
    return this.#usage;
  }

  add(usage: Usage | undefined): void {
    if (usage === undefined) return;
    this.#usage = addUsage(this.#usage, usage);
    this.#own = addUsage(this.#own, usage);
  }

  /** Whether there is a limit at all. */
  get isLimited(): boolean {
    return this.#limits.maxCost !== undefined || this.#limits.maxTokens !== undefined;
  }

  /** @param usage - What is stored of the whole run, by other processes too. */
  learn(usage: Usage): void {
    const cost = usage.cost ?? 0;
    if (cost > (this.#usage.cost ?? 0)) this.#usage = { ...this.#usage, cost };
    if (tokensOf(usage) > tokensOf(this.#usage)) {
      const { inputTokens = 0, outputTokens = 0 } = usage;
      this.#usage = { ...this.#usage, inputTokens, outputTokens };
    }
  }

  /** An answer came from the cache. @param saved - What it used when it was paid for. */
  hit(saved: Usage = {}): void {
    this.#hits += 1;
    this.#saved = addUsage(this.#saved, saved);
  }

  /** What the cache gave; absent without a hit. */
  get cache(): CacheUse | undefined {
    return this.#hits === 0 ? undefined : { hits: this.#hits, saved: this.#saved };
  }

  /**
   * Why no further trial may be begun; absent while one may. Those under way are taken to cost what others
   * did: once there is a reason it stays one, also where they cost less.
   */
  get stop(): string | undefined {
    const { maxCost, maxTokens } = this.#limits;
    const cost = this.#usage.cost ?? 0;
    const costAhead = this.#ahead(this.#own.cost ?? 0);
    if (maxCost !== undefined && cost + costAhead >= maxCost) this.#met ??= "maxCost";
    const tokens = tokensOf(this.#usage);
    const tokensAhead = this.#ahead(tokensOf(this.#own));
    if (maxTokens !== undefined && tokens + tokensAhead >= maxTokens) this.#met ??= "maxTokens";
    if (this.#met === "maxCost") {
      return `stopped at a cost of ${dollarsText(cost)}, of $${maxCost} allowed (maxCost)`;
    }
    if (this.#met === "maxTokens") {
      return `stopped at ${tokens} tokens, of ${maxTokens} allowed (maxTokens)`;
    }
    return undefined;
  }

  #ahead(spent: number): number {
    return this.#ended === 0 ? 0 : (spent / this.#ended) * this.#active;
  }
}

function tokensOf({ inputTokens = 0, outputTokens = 0 }: Usage): number {
  return inputTokens + outputTokens;
}
