import { sha256 } from "../../core/index.ts";
import { RateLimiter } from "./rate-limiter.ts";

/** What a provider counts requests by. */
export interface Endpoint {
  readonly provider: string;
  readonly baseUrl?: string | undefined;
  readonly key?: string | undefined;
  readonly model: string;
}

export interface Pause {
  /** As a URI. */
  readonly model: string;
  readonly leftMs: number;
}

/** One limiter per provider, key and model, shared by everything that calls it. */
export class RateLimiters {
  readonly #limiters = new Map<string, { readonly name: string; readonly limiter: RateLimiter }>();

  of({ provider, baseUrl = "", key = "", model }: Endpoint): RateLimiter {
    const id = sha256([provider, baseUrl, key, model].join("\0"));
    const known = this.#limiters.get(id);
    if (known !== undefined) return known.limiter;
    const limiter = new RateLimiter();
    this.#limiters.set(id, { name: `${provider}:/${model}`, limiter });
    return limiter;
  }

  /** Models whose provider asked for a pause that requests wait for, with what is left of it. */
  paused(): Pause[] {
    return [...this.#limiters.values()]
      .map(({ name, limiter }) => ({ model: name, leftMs: limiter.pausedForMs }))
      .filter(({ leftMs }) => leftMs > 0);
  }
}

/** Those of this process: a provider does not ask which evaluation a request is for. */
export const processLimiters = new RateLimiters();
