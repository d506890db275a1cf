import type { ResponseCache } from "../../core/index.ts";

export interface CacheOptions {
  /** For how long an answer counts, in milliseconds. Default 30 days. */
  readonly ttlMs?: number;
}

/** Keeps answers of models, for all runs and workers of the store. */
export interface ResponseStore {
  cache(options?: CacheOptions): ResponseCache;
  /** Removes those that are older than `ttlMs`; resolves to how many there were. Default: all. */
  clear(options?: CacheOptions): Promise<number>;
}
