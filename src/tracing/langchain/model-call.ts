import { isPlainObject } from "../../core/index.ts";
import { ATTRIBUTES } from "../../otlp/index.ts";
import type { Recorded } from "../recorded.ts";
import { tokenRecord } from "../recorders/answer.ts";
import { parameterRecord, toolRecord } from "../recorders/parameters.ts";
import { tracingSettings } from "../settings.ts";
import { isMessage, toGenAiMessage } from "./messages.ts";

/** What is known of a model call when it begins. */
export function requestRecord(
  extraParams: unknown,
  metadata: { readonly [key: string]: unknown } = {},
): Recorded {
  const invocation =
    isPlainObject(extraParams) && isPlainObject(extraParams.invocation_params)
      ? extraParams.invocation_params
      : {};
  const model =
    text(metadata.ls_model_name) ?? text(invocation.model) ?? text(invocation.model_name);
  const temperature = metadata.ls_temperature ?? invocation.temperature;
  const maxTokens = metadata.ls_max_tokens ?? invocation.max_tokens;
  const stop = metadata.ls_stop ?? invocation.stop;
  const provider = text(metadata.ls_provider);
  const given = { ...invocation, temperature, max_tokens: maxTokens, stop };
  return {
    [ATTRIBUTES.operation]: "chat",
    ...(provider !== undefined && { [ATTRIBUTES.provider]: provider }),
    ...(model !== undefined && { [ATTRIBUTES.requestModel]: model }),
    ...parameterRecord(given),
    ...(tracingSettings().content && toolRecord(invocation.tools)),
  };
}

interface GenerationLike {
  readonly text?: string;
  readonly message?: unknown;
  readonly generationInfo?: { readonly [key: string]: unknown };
}

export interface ResultLike {
  readonly generations: readonly (readonly GenerationLike[])[];
  readonly llmOutput?: { readonly [key: string]: unknown };
}

/** What the call returned: messages, tokens, responding model, finish reasons. */
export function responseRecord(
  result: ResultLike,
  withContent = tracingSettings().content,
): Recorded {
  const generations = result.generations.flat();
  const messages = generations.map(({ message, text: content = "" }) =>
    isMessage(message)
      ? toGenAiMessage(message)
      : { role: "assistant", parts: [{ type: "text", content }] },
  );
  const first = generations[0]?.message;
  const metadata = isMessage(first) ? (first.response_metadata ?? {}) : {};
  const model = text(metadata.model_name) ?? text(metadata.model);
  const finishReasons = generations
    .map(({ generationInfo }) => generationInfo ?? metadata)
    .map((info) => text(info.finish_reason) ?? text(info.stop_reason) ?? text(metadata.stop_reason))
    .filter((reason) => reason !== undefined);
  const id = text(metadata.id) ?? text(isMessage(first) ? first.id : undefined);
  return {
    ...(withContent && { [ATTRIBUTES.outputMessages]: messages }),
    // LangChain makes up ids of runs where a provider gives none.
    ...(id !== undefined && !/^(?:run-|lc_run-)/.test(id) && { [ATTRIBUTES.responseId]: id }),
    ...(model !== undefined && { [ATTRIBUTES.responseModel]: model }),
    ...(finishReasons.length > 0 && { [ATTRIBUTES.finishReasons]: finishReasons }),
    ...usageRecord(result, first),
  };
}

function usageRecord({ llmOutput = {} }: ResultLike, message: unknown): Recorded {
  const usage = isMessage(message) ? message.usage_metadata : undefined;
  const legacy = isPlainObject(llmOutput.tokenUsage) ? llmOutput.tokenUsage : {};
  const count = (value: unknown) => (typeof value === "number" ? value : undefined);
  return tokenRecord({
    input: count(usage?.input_tokens ?? legacy.promptTokens),
    output: count(usage?.output_tokens ?? legacy.completionTokens),
    cacheRead: count(usage?.input_token_details?.cache_read),
    cacheWrite: count(usage?.input_token_details?.cache_creation),
    reasoning: count(usage?.output_token_details?.reasoning),
  });
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
