import type { JsonValue } from "../../core/index.ts";
import { ATTRIBUTES } from "../../otlp/index.ts";
import type { Recorded } from "../recorded.ts";

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
export function answerRecord(answer: Answer, isCut: boolean, withContent: boolean): Recorded {
  const { id, model, finishReasons = [], messages = [], outputs, tokens = {} } = answer;
  const reasons = finishReasons.flatMap((reason) => reason ?? (isCut ? "error" : []));
  return {
    ...textRecord(ATTRIBUTES.responseId, id),
    ...textRecord(ATTRIBUTES.responseModel, model),
    ...(reasons.length > 0 && { [ATTRIBUTES.finishReasons]: reasons }),
    ...tokenRecord(tokens),
    ...(withContent && messages.length > 0 && { [ATTRIBUTES.outputMessages]: messages }),
    ...(withContent && outputs !== undefined && { [ATTRIBUTES.output]: outputs }),
  };
}

export function tokenRecord(tokens: TokenCounts): Recorded {
  const { input, output, cacheRead, cacheWrite, reasoning } = tokens;
  return {
    [ATTRIBUTES.inputTokens]: count(input),
    [ATTRIBUTES.outputTokens]: count(output),
    [ATTRIBUTES.cacheReadTokens]: count(cacheRead),
    [ATTRIBUTES.cacheWriteTokens]: count(cacheWrite),
    [ATTRIBUTES.reasoningTokens]: count(reasoning),
  };
}

function count(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function textRecord(name: string, value: unknown): Recorded {
  return typeof value === "string" && value !== "" ? { [name]: value } : {};
}

/** The sum of the counts that are there; absent when none is. */
export function sumOf(...counts: readonly unknown[]): number | undefined {
  const known = counts.filter((count) => typeof count === "number");
  return known.length === 0 ? undefined : known.reduce((sum, count) => sum + count, 0);
}
