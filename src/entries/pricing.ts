// Imported for its effect by every entry through which spans are made: model calls get a cost.
import { priceOf } from "../models/prices.ts";
import { setPricing } from "../tracing/index.ts";

setPricing(async ({ provider, model, ...usage }) => {
  const price = await priceOf({ uri: `${provider}:/${model}`, provider, model });
  return price(usage);
});
