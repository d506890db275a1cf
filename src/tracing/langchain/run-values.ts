import { type JsonValue, toJsonValue } from "../../core/index.ts";
import { ATTRIBUTES } from "../../otlp/index.ts";
import type { Recorded } from "../recorded.ts";
import { tracingSettings } from "../settings.ts";
import { toTraceValue } from "./messages.ts";

/** How LangChain describes a runnable to a handler. */
export interface Serialized {
  readonly id?: readonly string[];
  readonly name?: string;
}

export function nameOf(serialized: Serialized, otherwise: string): string {
  return serialized?.name ?? serialized?.id?.at(-1) ?? otherwise;
}

/** LangChain hands a tool's arguments over as JSON text, where they are an object. */
export function toolArguments(text: string): unknown {
  if (!text.startsWith("{")) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function input(value: unknown): Recorded {
  return tracingSettings().content ? { [ATTRIBUTES.input]: recordable(value) } : {};
}

export function output(value: unknown): Recorded {
  return tracingSettings().content ? { [ATTRIBUTES.output]: recordable(value) } : {};
}

function recordable(value: unknown): JsonValue {
  try {
    return toJsonValue(toTraceValue(value));
  } catch {
    // A cycle, or a getter that throws: recorded as far as it goes, because the span must not be lost.
    return toJsonValue(value);
  }
}

/**
 * A sequence that runs as part of `batch` reports the outputs of the whole batch; its own is what its
 * last step returned.
 */
export function ownOutput(outputs: unknown, lastOutput: unknown): unknown {
  const isWholeBatch =
    Array.isArray(outputs) && outputs !== lastOutput && outputs.includes(lastOutput);
  return isWholeBatch ? lastOutput : outputs;
}

/** LangChain wraps a chain's plain value as `{ input }` or `{ output }` before it calls a handler. */
export function unwrapped(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const keys = Object.keys(value);
  if (keys.length !== 1) return value;
  if (keys[0] === "input") return (value as { input: unknown }).input;
  if (keys[0] === "output") return (value as { output: unknown }).output;
  return value;
}

/**
 * Name and version of the prompt that a run uses: as the program says them in the metadata, else as those
 * of a prompt that was pulled from LangSmith.
 */
export function promptRecord(metadata: { readonly [key: string]: unknown }): Recorded {
  const { prompt_name, prompt_version, lc_hub_owner, lc_hub_repo, lc_hub_commit_hash } = metadata;
  const owner = typeof lc_hub_owner === "string" && lc_hub_owner !== "-" ? `${lc_hub_owner}/` : "";
  const pulled = typeof lc_hub_repo === "string" ? `${owner}${lc_hub_repo}` : undefined;
  const name = typeof prompt_name === "string" ? prompt_name : pulled;
  if (name === undefined) return {};
  const version = typeof prompt_name === "string" ? prompt_version : lc_hub_commit_hash;
  const isTold = typeof version === "string" || typeof version === "number";
  return {
    [ATTRIBUTES.promptName]: name,
    [ATTRIBUTES.promptVersion]: isTold ? String(version) : undefined,
  };
}
