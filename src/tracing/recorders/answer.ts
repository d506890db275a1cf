import type { Attributes } from "@opentelemetry/api";
import type { JsonValue } from "../../core/index.ts";
import { ATTRIBUTES } from "../../otlp/index.ts";

/** Tokens by the GenAI conventions: `input` includes cached ones, the others are parts of `input` and `output`. */
export interface TokenCounts {
  readonly input?: number | undefined;
  readonly output?: number | undefined;
  readonly cacheRead?: number | undefined;
  readonly cacheWrite?: number | undefined;
  readonly reasoning?: number | undefined;
}

/** What a model call came to, whatever API it was made through. */
export interface Answer {
  readonly id?: string | undefined;
  readonly model?: string | undefined;
  /** One for each choice, as the provider says them; absent where it did not get so far. */
  readonly finishReasons?: readonly (string | undefined)[] | undefined;
  /** Messages of the GenAI conventions, one for each choice. */
  readonly messages?: readonly JsonValue[] | undefined;
  /** What is no message: vectors, verdicts. */
  readonly outputs?: JsonValue | undefined;
  readonly tokens?: TokenCounts | undefined;
}

/** @param isCut - The stream ended before the provider had finished: what is missing ended in an error. */
export function answerAttributes(answer: Answer, isCut: boolean, withContent: boolean): Attributes {
  const { id, model, finishReasons = [], messages, outputs, tokens = {} } = answer;
  const reasons = finishReasons.flatMap((reason) => reason ?? (isCut ? "error" : []));
  return {
    ...textAttribute(ATTRIBUTES.responseId, id),
    ...textAttribute(ATTRIBUTES.responseModel, model),
    ...(reasons.length > 0 && { [ATTRIBUTES.finishReasons]: reasons }),
    ...tokenAttributes(tokens),
    ...(withContent &&
      messages !== undefined &&
      messages.length > 0 && { [ATTRIBUTES.outputMessages]: JSON.stringify(messages) }),
    ...(withContent && outputs !== undefined && { [ATTRIBUTES.output]: JSON.stringify(outputs) }),
  };
}

export function tokenAttributes(tokens: TokenCounts): Attributes {
  return {
    ...countAttribute(ATTRIBUTES.inputTokens, tokens.input),
    ...countAttribute(ATTRIBUTES.outputTokens, tokens.output),
    ...countAttribute(ATTRIBUTES.cacheReadTokens, tokens.cacheRead),
    ...countAttribute(ATTRIBUTES.cacheWriteTokens, tokens.cacheWrite),
    ...countAttribute(ATTRIBUTES.reasoningTokens, tokens.reasoning),
  };
}

function countAttribute(name: string, value: unknown): Attributes {
  return typeof value === "number" && Number.isFinite(value) ? { [name]: value } : {};
}

export function textAttribute(name: string, value: unknown): Attributes {
  return typeof value === "string" && value !== "" ? { [name]: value } : {};
}

export function numberAttribute(name: string, value: unknown): Attributes {
  return countAttribute(name, value);
}

/** The sum of the counts that are there; absent when none is. */
export function sumOf(...counts: readonly unknown[]): number | undefined {
  const known = counts.filter((count) => typeof count === "number");
  return known.length === 0 ? undefined : known.reduce((sum, count) => sum + count, 0);
}
