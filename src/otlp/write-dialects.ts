import type { JsonObject, Span } from "../core/index.ts";

/** Vocabularies that spans can be written in beside our own and the GenAI conventions. */
export const OTLP_DIALECTS = ["openinference", "mlflow"] as const;

export type OtlpDialect = (typeof OTLP_DIALECTS)[number];

const KINDS: { readonly [type: string]: string } = {
  CHAT_MODEL: "LLM",
  LLM: "LLM",
  EMBEDDING: "EMBEDDING",
  RETRIEVER: "RETRIEVER",
  RERANKER: "RERANKER",
  TOOL: "TOOL",
  AGENT: "AGENT",
  EVALUATOR: "EVALUATOR",
  PROMPT: "PROMPT",
};

/** The span's type, inputs, outputs and tokens under the names of other vocabularies. */
export function dialectAttributes(span: Span, dialects: readonly OtlpDialect[]): JsonObject {
  return Object.assign({}, ...dialects.map((dialect) => WRITERS[dialect](span))) as JsonObject;
}

const WRITERS: { readonly [dialect in OtlpDialect]: (span: Span) => JsonObject } = {
  openinference: ({ type, inputs, outputs, attributes }) => ({
    "openinference.span.kind": KINDS[type] ?? "CHAIN",
    ...(inputs !== undefined && {
      "input.value": JSON.stringify(inputs),
      "input.mime_type": "application/json",
    }),
    ...(outputs !== undefined && {
      "output.value": JSON.stringify(outputs),
      "output.mime_type": "application/json",
    }),
    ...renamed(attributes, {
      "gen_ai.request.model": "llm.model_name",
      "gen_ai.provider.name": "llm.provider",
      "gen_ai.usage.input_tokens": "llm.token_count.prompt",
      "gen_ai.usage.output_tokens": "llm.token_count.completion",
      "gen_ai.usage.cache_read.input_tokens": "llm.token_count.prompt_details.cache_read",
    }),
  }),
  mlflow: ({ type, inputs, outputs }) => ({
    "mlflow.spanType": JSON.stringify(type),
    ...(inputs !== undefined && { "mlflow.spanInputs": JSON.stringify(inputs) }),
    ...(outputs !== undefined && { "mlflow.spanOutputs": JSON.stringify(outputs) }),
  }),
};

function renamed(attributes: JsonObject, names: { readonly [name: string]: string }): JsonObject {
  return Object.fromEntries(
    Object.entries(names).flatMap(([name, other]) => {
      const value = attributes[name];
      return value === undefined ? [] : [[other, value]];
    }),
  );
}
