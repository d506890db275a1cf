import { isPlainObject, type JsonValue, toJsonValue } from "../../core/index.ts";

/** The slice of a LangChain message that a trace shows. */
interface MessageLike {
  readonly content: unknown;
  readonly name?: string;
  readonly tool_call_id?: string;
  readonly tool_calls?: readonly { id?: string; name: string; args: unknown }[];
  readonly id?: string;
  readonly usage_metadata?: {
    readonly input_tokens?: number;
    readonly output_tokens?: number;
    readonly input_token_details?: {
      readonly cache_read?: number;
      readonly cache_creation?: number;
    };
    readonly output_token_details?: { readonly reasoning?: number };
  };
  readonly response_metadata?: { [key: string]: unknown };
  getType?(): string;
}

export function isMessage(value: unknown): value is MessageLike {
  return typeof value === "object" && value !== null && "content" in value && "getType" in value;
}

const ROLES: { readonly [type: string]: string } = {
  human: "user",
  ai: "assistant",
  system: "system",
  developer: "system",
  tool: "tool",
};

/** A message in the shape of the GenAI conventions: role and parts. */
export function toGenAiMessage(message: MessageLike): JsonValue {
  const type = message.getType?.() ?? "unknown";
  const calls = (message.tool_calls ?? []).map(({ id, name, args }) => ({
    type: "tool_call",
    ...(id !== undefined && { id }),
    name,
    arguments: toJsonValue(args),
  }));
  const parts =
    message.tool_call_id === undefined
      ? textParts(message.content)
      : [
          {
            type: "tool_call_response",
            id: message.tool_call_id,
            response: toJsonValue(message.content),
          },
        ];
  return {
    role: ROLES[type] ?? type,
    ...(message.name !== undefined && { name: message.name }),
    parts: [...parts, ...calls],
  };
}

function textParts(content: unknown): JsonValue[] {
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", content }];
  if (!Array.isArray(content)) return [];
  return (
    content
      // Tool calls stand in `tool_calls` already, in one shape for every provider.
      .filter((block) => !(isPlainObject(block) && block.type === "tool_use"))
      .map((block) =>
        isPlainObject(block) && typeof block.text === "string"
          ? { type: "text", content: block.text }
          : toJsonValue(block),
      )
  );
}

/** Anything a chain passes on, as JSON: messages and documents by what they say, not by their class. */
export function toTraceValue(value: unknown): JsonValue {
  if (isMessage(value)) return toGenAiMessage(value);
  if (isPromptValue(value)) return value.toChatMessages().map(toGenAiMessage);
  if (isDocument(value)) return documentValue(value);
  if (Array.isArray(value)) return value.map(toTraceValue);
  // What a node of LangGraph returns; it writes itself as LangChain's serialised form.
  if (typeof value === "object" && value !== null && "lg_name" in value) {
    return toTraceValue({ ...value });
  }
  if (isPlainObject(value)) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .map(([key, member]) => [key, toTraceValue(member)]),
    );
  }
  return toJsonValue(value);
}

function isPromptValue(value: unknown): value is { toChatMessages(): MessageLike[] } {
  return typeof value === "object" && value !== null && "toChatMessages" in value;
}

interface DocumentLike {
  readonly pageContent: string;
  readonly metadata: object;
  readonly id?: string;
}

function isDocument(value: unknown): value is DocumentLike {
  return typeof value === "object" && value !== null && "pageContent" in value;
}

/** A retrieved document under MLflow's field names, which readers of traces look for. */
function documentValue({ pageContent, metadata, id }: DocumentLike): JsonValue {
  return {
    ...(id !== undefined && { id }),
    page_content: pageContent,
    metadata: toJsonValue(metadata),
  };
}
