import { AssayError, isPlainObject } from "../core/index.ts";
import { kindOf } from "../datasets/index.ts";
import type { EvaluateOptions } from "./options.ts";

type Kind = "a string" | "a function" | "an AbortSignal" | "an object of strings";

/**
 * Every option there is, with what it has to be where nothing else checks that; the type makes a forgotten
 * one a compile error.
 */
const KNOWN: { readonly [option in keyof Required<EvaluateOptions>]: true | Kind } = {
  name: "a string",
  data: true,
  model: true,
  predictFn: true,
  targets: "a string",
  predictions: "a string",
  mapping: true,
  colMapping: true,
  modelType: "a string",
  evaluatorConfig: true,
  extraMetrics: true,
  scorers: true,
  gates: true,
  strict: true,
  guarantee: true,
  budget: true,
  baseline: "a string",
  allowMismatch: true,
  prompt: "a string",
  parameters: true,
  judgeModel: "a string",
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
  run: "a string",
  worker: true,
  shard: "a string",
  codeVersion: "a string",
  traceJudges: true,
  limit: true,
  sample: true,
  seed: true,
  filter: true,
  maxFailed: true,
  resultsTable: true,
  trackingUri: "a string",
  experiment: "a string",
  runName: "a string",
  tags: "an object of strings",
  mask: true,
  redact: true,
  baseDir: "a string",
  env: true,
  signal: "an AbortSignal",
  graceMs: true,
  onProgress: "a function",
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

const IS: { readonly [kind in Kind]: (value: unknown) => boolean } = {
  "a string": (value) => typeof value === "string",
  "a function": (value) => typeof value === "function",
  // Another realm's, and a polyfill's, are none by `instanceof`.
  "an AbortSignal": (value) =>
    typeof value === "object" &&
    value !== null &&
    "aborted" in value &&
    "addEventListener" in value,
  "an object of strings": (value) =>
    isPlainObject(value) && Object.values(value).every((one) => typeof one === "string"),
};

/**
 * What types say, where nothing checks them: an eval file in JavaScript, settings that were parsed.
 *
 * @throws {AssayError} `invalid-argument` naming the first option of a wrong type.
 */
export function checkOptionTypes(
  options: { readonly [option in keyof EvaluateOptions]: unknown },
): void {
  for (const [option, value] of Object.entries(options)) {
    const kind = Object.hasOwn(KNOWN, option) ? KNOWN[option as keyof EvaluateOptions] : undefined;
    if (value === undefined || kind === undefined || kind === true || IS[kind](value)) continue;
    throw new AssayError(
      "invalid-argument",
      `Expected ${option} to be ${kind}, got ${found(value)}`,
    );
  }
}

/** Of an object, the first member that is wrong in it. */
function found(value: unknown): string {
  if (!isPlainObject(value)) return kindOf(value);
  const wrong = Object.entries(value).find(([, one]) => typeof one !== "string");
  return wrong === undefined ? kindOf(value) : `${kindOf(wrong[1])} as ${wrong[0]}`;
}
