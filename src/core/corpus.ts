import type { JsonObject, JsonValue } from "./json.ts";

/** One committed trial that a scorer gave a verdict on. */
export interface CorpusSample {
  /** The answer in the outputs of the trial, as scorers see it as `output`. */
  readonly outputs: JsonValue;
  readonly expectations: JsonObject;
}

/**
 * Metrics of all rows together, which no aggregation of per-row scores gives: ROC AUC, corpus BLEU.
 *
 * They are computed when the metrics of a run are, by a fold over its committed trials. Nothing is
 * kept from the scoring itself, so that a resumed run gives the numbers of one that was never interrupted.
 */
export interface CorpusMetrics {
  /**
   * Every metric key that the result may hold, in full, e.g. `roc_auc` or `bleu/v1/corpus`: known
   * before the first row, for gates and so that no two scorers give the same metric.
   */
  readonly keys: readonly string[];
  /** A fold with nothing in it yet. */
  readonly begin: () => CorpusFold;
}

/**
 * Takes the trials whose score by this scorer is `scored`, each once, in order of row and trial, and
 * then says what they amount to. Holds counts and at most a few numbers per trial, never the texts.
 */
export interface CorpusFold {
  add(sample: CorpusSample): void;
  result(): CorpusResult;
}

export interface CorpusResult {
  /** Some of the declared keys; a metric that cannot be computed is absent. */
  readonly metrics: { readonly [key: string]: number };
  /** Why metrics are absent, or what else must be known to read them, one line each. */
  readonly notes?: readonly string[];
  /** What no single number says, as JSON by name, e.g. `confusion_matrix`. */
  readonly tables?: { readonly [name: string]: JsonValue };
}

/** The result of a fold over samples that are at hand. */
export function foldCorpus(corpus: CorpusMetrics, samples: Iterable<CorpusSample>): CorpusResult {
  const fold = corpus.begin();
  for (const sample of samples) fold.add(sample);
  return fold.result();
}
