import type { ModelPrice, PriceList, Usage } from "../core/index.ts";

/** What a call used, with the parts that have prices of their own. */
interface PricedUsage {
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  /** Of the input tokens. */
  readonly cacheReadTokens?: number | undefined;
  /** Of the input tokens. */
  readonly cacheWriteTokens?: number | undefined;
}

/** US dollars of a call; absent for a model without a known price, or a call without reported tokens. */
export type PriceOf = (usage: PricedUsage) => number | undefined;

interface PriceOptions {
  readonly uri: string;
  readonly provider: string;
  readonly model: string;
  readonly prices?: PriceList | undefined;
}

const PER_MILLION = 1e-6;

/** Providers whose prices the table holds under the same name. */
const LISTED = ["openai", "anthropic"];

/** The price of a model: the caller's own, else from the table of `@pydantic/genai-prices`. */
export async function priceOf({ uri, provider, model, prices }: PriceOptions): Promise<PriceOf> {
  const own = prices?.[uri.replace(/\?.*$/s, "")];
  if (own !== undefined) return (usage) => ownPrice(own, usage);
  if (!LISTED.includes(provider)) return () => undefined;
  // Half a megabyte of table: loaded when a provider's model is called, not at start.
  const { calcPrice } = await import("@pydantic/genai-prices");
  return ({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }) => {
    if (inputTokens === undefined && outputTokens === undefined) return undefined;
    const used = {
      input_tokens: inputTokens ?? 0,
      output_tokens: outputTokens ?? 0,
      ...(cacheReadTokens !== undefined && { cache_read_tokens: cacheReadTokens }),
      ...(cacheWriteTokens !== undefined && { cache_write_tokens: cacheWriteTokens }),
    };
    return calcPrice(used, model, { providerId: provider })?.total_price;
  };
}

function ownPrice(price: ModelPrice, usage: PricedUsage): Usage["cost"] {
  const { inputTokens, outputTokens, cacheReadTokens = 0 } = usage;
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  const fresh = (inputTokens ?? 0) - cacheReadTokens;
  const input = fresh * price.input + cacheReadTokens * (price.cacheRead ?? price.input);
  return (input + (outputTokens ?? 0) * price.output) * PER_MILLION;
}
