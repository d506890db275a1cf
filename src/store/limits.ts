import { posix } from "node:path";
import {
  AssayError,
  type InputDataset,
  type Metric,
  quotable,
  toJsonValue,
} from "../core/index.ts";

/** Entries of one {@link RunBatch}, as in MLflow. */
export const BATCH_LIMITS = { metrics: 1000, params: 100, tags: 100, total: 1000 } as const;

/** Lengths in characters, as in MLflow. */
export const LENGTHS = {
  key: 250,
  paramValue: 6000,
  tagValue: 8000,
  experimentName: 500,
  experimentTagValue: 5000,
  modelName: 500,
  dataset: {
    name: 500,
    digest: 36,
    sourceType: 36,
    source: 65_535,
    schema: 1_048_575,
    profile: 16_777_215,
  },
  inputTagKey: 255,
  inputTagValue: 500,
} as const;

type Texts = { readonly [key: string]: string };

/**
 * @throws {AssayError} `invalid-argument` for more entries than {@link BATCH_LIMITS}, a key or a value
 *   that MLflow would not take, or one too long: nothing is cut off.
 */
export function checkBatch(batch: {
  readonly metrics?: readonly Metric[];
  readonly params?: Texts;
  readonly tags?: Texts;
}): void {
  const { metrics = [], params = {}, tags = {} } = batch;
  const counts = [metrics.length, Object.keys(params).length, Object.keys(tags).length] as const;
  checkCount("metrics", BATCH_LIMITS.metrics, counts[0]);
  checkCount("params", BATCH_LIMITS.params, counts[1]);
  checkCount("tags", BATCH_LIMITS.tags, counts[2]);
  const total = counts[0] + counts[1] + counts[2];
  checkCount("metrics, params, and tags", BATCH_LIMITS.total, total);
  for (const [index, metric] of metrics.entries()) checkMetric(metric, `metrics[${index}]`);
  checkTexts("params", params, LENGTHS.paramValue);
  checkTexts("tags", tags, LENGTHS.tagValue);
}

/** @throws {AssayError} `invalid-argument` for a dataset without name or digest, or with more than MLflow takes. */
export function checkInputs(
  inputs: readonly { readonly dataset: InputDataset; readonly tags?: Texts }[],
): void {
  for (const [index, { dataset, tags = {} }] of inputs.entries()) {
    const path = `datasets[${index}]`;
    for (const name of ["name", "digest"] as const) {
      if (dataset[name]) continue;
      throw new AssayError(
        "invalid-argument",
        `Missing value for required parameter '${path}.dataset.${name}'.`,
      );
    }
    for (const [field, limit] of Object.entries(LENGTHS.dataset)) {
      const text = dataset[field as keyof InputDataset] ?? "";
      checkLength(text, `${path}.dataset.${field}`, limit);
    }
    for (const [key, value] of Object.entries(tags)) {
      checkLength(key, `${path}.tags.key`, LENGTHS.inputTagKey);
      checkLength(value, `${path}.tags.${quotable(key)}`, LENGTHS.inputTagValue);
    }
  }
}

/** @param limit - The most characters a value may have. */
export function checkTexts(name: "params" | "tags", texts: Texts, limit: number): void {
  for (const [index, [key, value]] of Object.entries(texts).entries()) {
    checkKey(key, `${name}[${index}].key`);
    const advice = `Shorten the ${name.slice(0, -1)} "${quotable(key)}", or store long text as an artifact with logText().`;
    checkLength(value, `${name}[${index}].value`, limit, advice);
  }
}

/** Keys alone: values of logged models may be of any length. */
export function checkKeys(name: "params" | "tags", texts: Texts): void {
  for (const [index, key] of Object.keys(texts).entries()) checkKey(key, `${name}[${index}].key`);
}

/**
 * @param path - Where the key stands in the request.
 * @throws {AssayError} `invalid-argument` unless it has letters, digits and `_ - . : /` and spaces
 *   only, and is its own path: no `..`, `//` or slash at either end.
 */
export function checkKey(key: string, path: string): void {
  if (!/^[\p{L}\p{M}\p{N}_/.\- :]*$/u.test(key)) {
    throw invalidValue(
      key,
      path,
      "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).",
    );
  }
  const resolved = posix.normalize(key).replace(/(?<=.)\/$/, "");
  if (resolved !== key || key === "." || /^(\.\.|\/)/.test(key)) {
    throw invalidValue(
      key,
      path,
      `Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to '${quotable(resolved)}'`,
    );
  }
  checkLength(key, path, LENGTHS.key);
}

/** @throws {AssayError} `invalid-argument` for a text of more than `limit` characters (code points). */
export function checkLength(text: string, path: string, limit: number, advice = ""): void {
  if (text.length <= limit) return;
  let length = 0;
  for (const _ of text) length++;
  if (length <= limit) return;
  const problem = `'${path}' exceeds the maximum length of ${limit} characters: it has ${length}.`;
  throw new AssayError("invalid-argument", `${problem} ${advice}`.trim());
}

/** @throws {AssayError} `invalid-argument` unless it is milliseconds since the epoch. */
export function checkTime(time: number, path: string): void {
  if (Number.isSafeInteger(time) && time >= 0) return;
  throw invalidValue(
    time,
    path,
    "Expected milliseconds since the epoch: an integer of at least 0.",
  );
}

/** @throws {AssayError} `invalid-argument` unless it is an integer that a double holds exactly. */
export function checkStep(step: number, path: string): void {
  if (Number.isSafeInteger(step)) return;
  throw invalidValue(step, path, "Step must be a valid long (64-bit integer).");
}

/** In MLflow's words. */
export function invalidValue(value: unknown, path: string, reason: string): AssayError {
  const shown = quotable(JSON.stringify(toJsonValue(value)), 300);
  return new AssayError(
    "invalid-argument",
    `Invalid value ${shown} for parameter '${path}' supplied: ${reason}`,
  );
}

function checkCount(what: string, limit: number, count: number): void {
  if (count <= limit) return;
  throw new AssayError(
    "invalid-argument",
    `A batch logging request can contain at most ${limit} ${what}. Got ${count} ${what}. Please split up ${what} across multiple requests and try again.`,
  );
}

function checkMetric({ key, value, timestamp, step }: Metric, path: string): void {
  checkKey(key, `${path}.name`);
  if (typeof value !== "number") {
    throw invalidValue(
      value,
      `${path}.value`,
      `metric '${quotable(key)}' (timestamp=${timestamp}). Please specify value as a valid double (64-bit floating point)`,
    );
  }
  if (!Number.isSafeInteger(timestamp) || timestamp < 0) {
    throw invalidValue(
      timestamp,
      `${path}.timestamp`,
      `metric '${quotable(key)}' (value=${value}). Timestamp must be a nonnegative long (64-bit integer)`,
    );
  }
  if (!Number.isSafeInteger(step)) {
    throw invalidValue(
      step,
      `${path}.step`,
      `metric '${quotable(key)}' (value=${value}). Step must be a valid long (64-bit integer).`,
    );
  }
}
