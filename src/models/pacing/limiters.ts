import { sha256 } from "../../core/index.ts";
import { RateLimiter } from "./rate-limiter.ts";

/** What a provider counts requests by. */
export interface Endpoint {
  readonly provider: string;
  readonly baseUrl?: string | undefined;
  readonly key?: string | undefined;
  readonly model: string;
}

/** One limiter per provider, key and model, shared by everything that calls it. */
export class RateLimiters {
  readonly #limiters = new Map<string, RateLimiter>();

  of({ provider, baseUrl = "", key = "", model }: Endpoint): RateLimiter {
    const name = sha256([provider, baseUrl, key, model].join("\0"));
    let limiter = this.#limiters.get(name);
    if (limiter === undefined) {
      limiter = new RateLimiter();
      this.#limiters.set(name, limiter);
    }
    return limiter;
  }
}

/** Those of this process: a provider does not ask which evaluation a request is for. */
export const processLimiters = new RateLimiters();
