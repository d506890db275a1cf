/** What the caller says a provider allows: never exceeded, and met below where the provider takes less. */
export interface RateBudget {
  /** Requests per minute, above 0. */
  readonly rpm?: number;
  /** Tokens per minute, those of the answers included; above 0. */
  readonly tpm?: number;
}

/** US dollars per million tokens, for models that the price table lacks or has wrong. */
export interface ModelPrice {
  readonly input: number;
  readonly output: number;
  /** Of input tokens that the provider found in its cache; default `input`. */
  readonly cacheRead?: number | undefined;
}

/** By model URI without its query, e.g. `openai:/gpt-4o-mini`. */
export type PriceList = { readonly [uri: string]: ModelPrice };

/** Keeps answers of models. What cannot be read or written is a miss, never an error of the call. */
export interface ResponseCache {
  /** @returns `undefined` when there is none, or none young enough. */
  get(key: string): Promise<string | undefined>;
  set(key: string, response: string): Promise<void>;
}

/** How the models of an evaluation are called, those under test and those of judges alike. */
export interface ModelSettings {
  /** Of one request, in milliseconds; default 120 000. */
  readonly timeoutMs?: number;
  readonly budget?: RateBudget;
  readonly prices?: PriceList;
  /** For calls whose answer would be the same again, as far as the provider lets it be. */
  readonly cache?: ResponseCache;
}
