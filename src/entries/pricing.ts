// Imported for its effect by every entry through which spans are made: model calls get a cost.
import { type PriceOf, priceOf } from "../models/prices.ts";
import { setPricing } from "../tracing/index.ts";

/** By provider and model: to look one up takes longer than the call's span. */
const known = new Map<string, PriceOf | undefined>();
const sought = new Map<string, Promise<PriceOf | undefined>>();

const MOST_MODELS = 1000;

setPricing(({ provider, model, ...usage }) => {
  const uri = `${provider}:/${model}`;
  if (known.has(uri)) return known.get(uri)?.(usage);
  return seek(uri, provider, model).then((price) => price?.(usage));
});

/** Once, however many ask at a time. */
function seek(uri: string, provider: string, model: string): Promise<PriceOf | undefined> {
  const under = sought.get(uri) ?? find(uri, provider, model);
  sought.set(uri, under);
  const settle = () => void sought.delete(uri);
  under.then((price) => {
    if (known.size >= MOST_MODELS) known.clear();
    known.set(uri, price);
    settle();
  }, settle);
  return under;
}

/** Absent for a model that the table does not have. */
async function find(uri: string, provider: string, model: string): Promise<PriceOf | undefined> {
  const price = await priceOf({ uri, provider, model });
  return price({ inputTokens: 1, outputTokens: 1 }) === undefined ? undefined : price;
}
