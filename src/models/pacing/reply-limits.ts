/** What a reply's headers say about when to call again. */
export interface ReplyLimits {
  /** From `retry-after-ms` or `retry-after` (seconds, or a date). */
  readonly retryAfterMs?: number;
  /** No request may follow before so long, because none, or no token, is left. */
  readonly exhaustedForMs?: number;
  /** `x-should-retry`: the provider's own word, where it says one. */
  readonly shouldRetry?: boolean;
}

/** The part of `Headers` that is read. */
export interface ReplyHeaders {
  get(name: string): string | null;
}

const LONGEST_EXHAUSTION_MS = 60_000;

/** Names of the remaining allowance, the time until it is whole again, and the allowance itself. */
const ALLOWANCES = [
  ["x-ratelimit-remaining-requests", "x-ratelimit-reset-requests", "x-ratelimit-limit-requests"],
  ["x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens", "x-ratelimit-limit-tokens"],
  [
    "anthropic-ratelimit-requests-remaining",
    "anthropic-ratelimit-requests-reset",
    "anthropic-ratelimit-requests-limit",
  ],
  [
    "anthropic-ratelimit-tokens-remaining",
    "anthropic-ratelimit-tokens-reset",
    "anthropic-ratelimit-tokens-limit",
  ],
  ["x-ratelimit-remaining", "x-ratelimit-reset", "x-ratelimit-limit"],
  ["ratelimit-remaining", "ratelimit-reset", "ratelimit-limit"],
] as const;

/** @param now - Milliseconds since the Unix epoch, for headers that give a date. */
export function readReplyLimits(headers: ReplyHeaders | undefined, now: number): ReplyLimits {
  if (headers === undefined) return {};
  const retryAfterMs = retryAfter(headers, now);
  const exhaustedForMs = Math.max(0, ...ALLOWANCES.map((names) => exhaustion(headers, names, now)));
  const shouldRetry = headers.get("x-should-retry");
  return {
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(exhaustedForMs > 0 && { exhaustedForMs }),
    ...(shouldRetry !== null && { shouldRetry: shouldRetry === "true" }),
  };
}

function retryAfter(headers: ReplyHeaders, now: number): number | undefined {
  const ms = Number(headers.get("retry-after-ms") ?? Number.NaN);
  if (ms >= 0) return ms;
  const given = headers.get("retry-after")?.trim();
  if (given === undefined || given === "") return undefined;
  const seconds = Number(given);
  if (!Number.isNaN(seconds)) return seconds >= 0 ? seconds * 1000 : undefined;
  const date = Date.parse(given);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function exhaustion(
  headers: ReplyHeaders,
  [remaining, reset, limit]: (typeof ALLOWANCES)[number],
  now: number,
): number {
  const left = headers.get(remaining);
  if (left === null || left.trim() === "" || Number(left) !== 0) return 0;
  const untilWhole = durationMs(headers.get(reset), now);
  if (untilWhole === undefined) return 0;
  // The reset tells when all of it is back; one more request is let in long before.
  const whole = Number(headers.get(limit) ?? Number.NaN);
  const isGradual = whole > 1 && untilWhole > 2_000;
  return Math.min(LONGEST_EXHAUSTION_MS, isGradual ? untilWhole / whole : untilWhole);
}

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** `1s`, `6m0s`, `20ms`; a number of seconds, or of seconds since the epoch; or a date. */
function durationMs(given: string | null, now: number): number | undefined {
  if (given === null || given.trim() === "") return undefined;
  const text = given.trim();
  const number = Number(text);
  if (!Number.isNaN(number)) {
    return number > 1e9 ? Math.max(0, number * 1000 - now) : Math.max(0, number * 1000);
  }
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length > 0 && parts.map(([part]) => part).join("") === text) {
    return parts.reduce((ms, [, amount, unit]) => ms + Number(amount) * UNITS[unit as "s"], 0);
  }
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
