import { AssayError } from "../core/index.ts";
import type { EvaluateOptions } from "./options.ts";

/** Every option there is; the type makes a forgotten one a compile error. */
const KNOWN: { readonly [option in keyof Required<EvaluateOptions>]: true } = {
  name: true,
  data: true,
  model: true,
  predictFn: true,
  targets: true,
  predictions: true,
  mapping: true,
  colMapping: true,
  modelType: true,
  evaluatorConfig: true,
  extraMetrics: true,
  scorers: true,
  gates: true,
  strict: true,
  guarantee: true,
  budget: true,
  baseline: true,
  allowMismatch: true,
  prompt: true,
  parameters: true,
  judgeModel: true,
  trials: true,
  trialReducer: true,
  passThreshold: true,
  flakySpread: true,
  concurrency: true,
  timeoutMs: true,
  callTimeoutMs: true,
  runTimeoutMs: true,
  maxCost: true,
  maxTokens: true,
  rpm: true,
  tpm: true,
  prices: true,
  cache: true,
  cacheTtlMs: true,
  resume: true,
  retryFailed: true,
  allowChangedData: true,
  shuffle: true,
  shared: true,
  run: true,
  worker: true,
  shard: true,
  codeVersion: true,
  traceJudges: true,
  limit: true,
  sample: true,
  seed: true,
  filter: true,
  maxFailed: true,
  resultsTable: true,
  trackingUri: true,
  experiment: true,
  runName: true,
  tags: true,
  mask: true,
  redact: true,
  baseDir: true,
  env: true,
  signal: true,
  graceMs: true,
  onProgress: true,
};

/**
 * A misspelt `gates` must not pass silently where nothing checks types.
 *
 * @throws {AssayError} `invalid-argument` naming the option that does not exist.
 */
export function checkOptionNames(options: EvaluateOptions): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(KNOWN, name));
  if (unknown === undefined) return;
  throw new AssayError(
    "invalid-argument",
    `There is no option "${unknown}". Options: ${Object.keys(KNOWN).join(", ")}`,
  );
}
