import {
  defineScorer,
  type Scorer,
  type ScorerFunction,
  type ScorerOptions,
} from "../core/score.ts";

/** Loads something when it is first asked for, and then has it at once. */
export function onceLoaded<T extends object>(load: () => Promise<T>): () => T | Promise<T> {
  let loaded: T | undefined;
  let loading: Promise<T> | undefined;
  return () => {
    if (loaded !== undefined) return loaded;
    loading ??= load().then((value) => {
      loaded = value;
      return value;
    });
    return loading;
  };
}

/**
 * A scorer that needs a table which is loaded on first use: by an evaluation before its first row, so
 * that rows are scored without waiting, and otherwise by the first call.
 */
export function defineLoadingScorer<T extends object>(
  options: ScorerOptions,
  table: () => T | Promise<T>,
  score: (table: T, sample: Parameters<ScorerFunction>[0]) => ReturnType<ScorerFunction>,
): Scorer {
  const scorer = defineScorer(
    {
      ...options,
      prepare: async (_environment, inUse) => {
        await table();
        return inUse ?? scorer;
      },
    },
    (sample) => {
      const loaded = table();
      return loaded instanceof Promise
        ? loaded.then((value) => score(value, sample))
        : score(loaded, sample);
    },
  );
  return scorer;
}
