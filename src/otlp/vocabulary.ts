import type { SpanType } from "../core/index.ts";

/**
 * Attribute names we write. The GenAI conventions are still moving (they left the main repository in
 * 2026), so the strings stand here, in one table, instead of being imported.
 */
export const ATTRIBUTES = {
  session: "session.id",
  user: "user.id",
  conversation: "gen_ai.conversation.id",
  spanType: "assay.span.type",
  input: "assay.input",
  output: "assay.output",
  operation: "gen_ai.operation.name",
  provider: "gen_ai.provider.name",
  requestModel: "gen_ai.request.model",
  responseModel: "gen_ai.response.model",
  inputMessages: "gen_ai.input.messages",
  outputMessages: "gen_ai.output.messages",
  inputTokens: "gen_ai.usage.input_tokens",
  outputTokens: "gen_ai.usage.output_tokens",
  cacheReadTokens: "gen_ai.usage.cache_read.input_tokens",
  cacheWriteTokens: "gen_ai.usage.cache_write.input_tokens",
  reasoningTokens: "gen_ai.usage.reasoning.output_tokens",
  finishReasons: "gen_ai.response.finish_reasons",
  responseId: "gen_ai.response.id",
  systemInstructions: "gen_ai.system_instructions",
  toolDefinitions: "gen_ai.tool.definitions",
  timeToFirstChunk: "gen_ai.response.time_to_first_chunk",
  serverAddress: "server.address",
  serverPort: "server.port",
  httpStatus: "http.response.status_code",
  retrievalQuery: "gen_ai.retrieval.query.text",
  promptName: "gen_ai.prompt.name",
  promptVersion: "gen_ai.prompt.version",
  cost: "assay.cost.total",
  abandoned: "assay.abandoned",
  /** Chunks of a streamed answer that came. */
  chunkCount: "assay.stream.chunk_count",
  /** `broken-off`, `aborted` or `abandoned`: a stream that was not read to its end. */
  interrupted: "assay.stream.interrupted",
  errorType: "error.type",
} as const;

const TYPE_OF_OPERATION: ReadonlyMap<unknown, SpanType> = new Map([
  ["chat", "CHAT_MODEL"],
  ["generate_content", "CHAT_MODEL"],
  ["text_completion", "LLM"],
  ["embeddings", "EMBEDDING"],
  ["retrieval", "RETRIEVER"],
  ["execute_tool", "TOOL"],
  ["invoke_agent", "AGENT"],
  ["create_agent", "AGENT"],
  ["invoke_workflow", "CHAIN"],
]);

/** The span type that a `gen_ai.operation.name` stands for. */
export function typeOfOperation(operation: unknown): SpanType | undefined {
  return TYPE_OF_OPERATION.get(operation);
}
