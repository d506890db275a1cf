import type { JsonObject, JsonValue, SpanType } from "../../core/index.ts";
import {
  type Dialect,
  member,
  namesUnder,
  number,
  parsed,
  parsedObject,
  text,
  toolCall,
  unflattened,
} from "./reading.ts";

const TYPES: { readonly [kind: string]: SpanType } = {
  LLM: "CHAT_MODEL",
  EMBEDDING: "EMBEDDING",
  CHAIN: "CHAIN",
  RETRIEVER: "RETRIEVER",
  RERANKER: "RERANKER",
  TOOL: "TOOL",
  AGENT: "AGENT",
  EVALUATOR: "EVALUATOR",
  PROMPT: "PROMPT",
};

/** Arize's OpenInference: lists are flattened into names. */
export const openInference: Dialect = (recorded) => {
  const kind = text(recorded["openinference.span.kind"]);
  if (kind === undefined) return undefined;
  const inputs = messagesOf(recorded, "llm.input_messages.");
  const outputs = messagesOf(recorded, "llm.output_messages.");
  const documents = unflattened(recorded, "retrieval.documents.").map(documentOf);
  const tools = unflattened(recorded, "llm.tools.").map((tool) =>
    parsed(member(member(tool, "tool"), "json_schema")),
  );
  const given = parsedObject(recorded["llm.invocation_parameters"]);
  const reason = text(recorded["llm.finish_reason"]);
  const system = text(recorded["llm.provider"]) ?? text(recorded["llm.system"]);
  return {
    type: TYPES[kind],
    inputs: inputs ?? parsed(recorded["input.value"]),
    outputs: documents.length > 0 ? documents : (outputs ?? parsed(recorded["output.value"])),
    attributes: {
      "gen_ai.provider.name": system,
      "gen_ai.request.model":
        text(recorded["llm.request.model_name"]) ??
        text(given.model) ??
        text(recorded["llm.model_name"]) ??
        text(recorded["embedding.model_name"]),
      "gen_ai.response.model": text(recorded["llm.response.model_name"]),
      "gen_ai.request.temperature": number(given.temperature),
      "gen_ai.request.max_tokens": number(given.max_tokens),
      "gen_ai.usage.input_tokens": number(recorded["llm.token_count.prompt"]),
      "gen_ai.usage.output_tokens": number(recorded["llm.token_count.completion"]),
      "gen_ai.usage.cache_read.input_tokens": number(
        recorded["llm.token_count.prompt_details.cache_read"],
      ),
      "gen_ai.usage.cache_write.input_tokens": number(
        recorded["llm.token_count.prompt_details.cache_write"],
      ),
      "gen_ai.usage.reasoning.output_tokens": number(
        recorded["llm.token_count.completion_details.reasoning"],
      ),
      "assay.cost.total": number(recorded["llm.cost.total"]),
      "gen_ai.response.finish_reasons": reason === undefined ? undefined : [reason],
      "gen_ai.tool.name": text(recorded["tool.name"]),
      "gen_ai.tool.definitions": tools.length > 0 ? JSON.stringify(tools) : undefined,
    },
    taken: {
      inputs: [
        "input.value",
        "llm.invocation_parameters",
        ...namesUnder(recorded, "llm.input_messages."),
        ...namesUnder(recorded, "llm.tools."),
      ],
      outputs: [
        "output.value",
        ...namesUnder(recorded, "llm.output_messages."),
        ...namesUnder(recorded, "retrieval.documents."),
      ],
    },
  };
};

function messagesOf(recorded: JsonObject, prefix: string): JsonValue[] | undefined {
  const messages = unflattened(recorded, prefix);
  return messages.length === 0 ? undefined : messages.map(messageOf);
}

function messageOf(entry: JsonValue): JsonValue {
  const message = member(entry, "message") ?? {};
  const content = text(member(message, "content"));
  const contents = (member(message, "contents") ?? []) as readonly JsonValue[];
  const calls = (member(message, "tool_calls") ?? []) as readonly JsonValue[];
  const callId = member(message, "tool_call_id");
  if (typeof callId === "string") {
    const response = { type: "tool_call_response", id: callId, response: content ?? "" };
    return { role: "tool", parts: [response] };
  }
  return {
    role: text(member(message, "role")) ?? "user",
    parts: [
      ...(content === undefined ? [] : [{ type: "text", content }]),
      ...contents.map((part) => partOf(member(part, "message_content"))),
      ...calls.map((call) => {
        const given = member(call, "tool_call");
        const called = member(given, "function");
        return toolCall(member(given, "id"), member(called, "name"), member(called, "arguments"));
      }),
    ],
  };
}

function partOf(part: JsonValue | undefined): JsonValue {
  const content = text(member(part, "text"));
  if (content !== undefined) return { type: "text", content };
  const url = text(member(member(member(part, "image"), "image"), "url"));
  return url === undefined ? (part ?? null) : { type: "uri", modality: "image", uri: url };
}

function documentOf(entry: JsonValue): JsonValue {
  const document = member(entry, "document");
  const id = member(document, "id");
  const score = number(member(document, "score"));
  return {
    ...(id !== undefined && { id }),
    page_content: text(member(document, "content")) ?? "",
    metadata: parsed(member(document, "metadata")) ?? {},
    ...(score !== undefined && { score }),
  };
}
