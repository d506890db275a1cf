// Imported for its effect by every entry through which spans are made: model calls get a cost.
import { type PriceOf, priceOf } from "../models/prices.ts";
import { setPricing } from "../tracing/index.ts";

/** By provider and model: to look one up takes longer than the call's span. */
const known = new Map<string, Promise<PriceOf | undefined>>();

const MOST_MODELS = 1000;

setPricing(async ({ provider, model, ...usage }) => {
  const uri = `${provider}:/${model}`;
  let price = known.get(uri);
  if (price === undefined) {
    if (known.size >= MOST_MODELS) known.clear();
    price = find(uri, provider, model);
    known.set(uri, price);
  }
  return (await price)?.(usage);
});

/** Absent for a model that the table does not have. */
async function find(uri: string, provider: string, model: string): Promise<PriceOf | undefined> {
  const price = await priceOf({ uri, provider, model });
  return price({ inputTokens: 1, outputTokens: 1 }) === undefined ? undefined : price;
}
