import { type ModelSettings, type ResponseCache, withoutAbsent } from "../core/index.ts";
import { evaluationStore } from "./evaluation-store.ts";
import type { EvaluateOptions } from "./options.ts";

/** How judges call their models, and the model under test with the cache left out unless it is asked for. */
export function modelSettings(
  options: Omit<EvaluateOptions, "data">,
  use: "judges" | "model under test",
): ModelSettings {
  const { rpm, tpm, prices, cache, callTimeoutMs } = options;
  const isCached = use === "judges" ? cache !== false : cache === true;
  return withoutAbsent<ModelSettings>({
    budget: rpm === undefined && tpm === undefined ? undefined : withoutAbsent({ rpm, tpm }),
    prices,
    timeoutMs: callTimeoutMs,
    cache: isCached ? storedResponses(options) : undefined,
  });
}

/** The cache in the evaluation's store, which is opened only when a model is called. */
function storedResponses(options: Omit<EvaluateOptions, "data">): ResponseCache {
  const { cacheTtlMs } = options;
  const cache = async () =>
    (await evaluationStore(options)).responses.cache(
      cacheTtlMs === undefined ? {} : { ttlMs: cacheTtlMs },
    );
  return {
    get: async (key) => (await cache()).get(key),
    set: async (key, response) => (await cache()).set(key, response),
  };
}
