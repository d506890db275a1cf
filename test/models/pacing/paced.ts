import { Pacing, type PacingOptions } from "../../../src/models/pacing/pacing.ts";
import { RateLimiter } from "../../../src/models/pacing/rate-limiter.ts";
import { VirtualTime } from "./virtual-time.ts";

/** What an SDK throws. */
export class HttpError extends Error {
  readonly status: number;
  readonly headers: Headers;

  constructor(status: number, headers: Record<string, string> = {}) {
    super(`HTTP ${status}`);
    this.status = status;
    this.headers = new Headers(headers);
  }
}

/** A pacing in virtual time. */
export function paced(options: Partial<PacingOptions> = {}) {
  const time = new VirtualTime();
  const limiter = new RateLimiter(time);
  const pacing = new Pacing({
    limiter,
    clock: time.clock,
    timer: time.timer,
    random: () => 0.5,
    ...options,
  });
  return { time, limiter, pacing };
}
