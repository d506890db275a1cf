import { isPlainObject, type JsonObject, type JsonValue, toJsonValue } from "../core/index.ts";

/** The parts of a LangChain message that say what it holds; every copy of LangChain has its own class. */
export interface Message {
  readonly content: unknown;
  readonly text?: unknown;
  readonly tool_calls?: unknown;
  readonly tool_call_id?: unknown;
  readonly name?: unknown;
  readonly role?: unknown;
  getType?(): unknown;
}

export function isMessage(value: unknown): value is Message {
  return (
    typeof value === "object" &&
    value !== null &&
    "content" in value &&
    "response_metadata" in value
  );
}

/**
 * An answer with the chat messages in it as what they say, without the ids and metadata of LangChain's own
 * form: a message alone is its text, with its calls beside it where it asks for tools. The state of an agent
 * has the text of its last message as `content`, unless it has a content of its own.
 */
export function withoutClasses(value: unknown): unknown {
  if (isMessage(value)) return messageOutputs(value);
  const plain = plainOf(value, new Map());
  if (!isPlainObject(plain) || plain === value || "content" in plain) return plain;
  const answer = isPlainObject(value) ? lastAnswer(value.messages) : undefined;
  return answer === undefined ? plain : { content: answer, ...plain };
}

function messageOutputs(message: Message): JsonValue {
  const text = messageText(message);
  const calls = callsOf(message);
  return calls === undefined ? text : { content: text, tool_calls: calls };
}

export function messageText(message: Message): JsonValue {
  if (typeof message.content === "string") return message.content;
  return typeof message.text === "string" ? message.text : toJsonValue(message.content);
}

/** What a model or, where it answers directly, a tool said last; the question is no answer. */
function lastAnswer(messages: unknown): JsonValue | undefined {
  if (!Array.isArray(messages)) return undefined;
  const last = messages.findLast(
    (one) => isMessage(one) && ["assistant", "tool"].includes(roleOf(one)),
  );
  return last === undefined ? undefined : messageText(last);
}

/** @param seen - What has been gone through: what refers to itself would have no end. */
function plainOf(value: unknown, seen: Map<object, unknown>): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isMessage(value)) return plainMessage(value);
  if (isPromptValue(value)) return plainPrompt(value);
  if (!Array.isArray(value) && !isPlainObject(value)) return value;
  if (seen.has(value)) return seen.get(value);
  // Until its members are known, and for ever where they lead back to it, it stands for itself.
  seen.set(value, value);
  const plain = Array.isArray(value) ? plainList(value, seen) : plainMembers(value, seen);
  seen.set(value, plain);
  return plain;
}

function plainList(list: readonly unknown[], seen: Map<object, unknown>): unknown {
  const plain = list.map((item) => plainOf(item, seen));
  return plain.every((item, at) => item === list[at]) ? list : plain;
}

function plainMembers(object: Record<string, unknown>, seen: Map<object, unknown>): unknown {
  const plain = Object.entries(object).map(([key, value]) => [key, plainOf(value, seen)] as const);
  return plain.every(([key, value]) => value === object[key]) ? object : Object.fromEntries(plain);
}

function plainMessage(message: Message): JsonObject {
  const { name, tool_call_id: answered } = message;
  const role = roleOf(message);
  const calls = callsOf(message);
  // Of what people and tools say, pictures are part; of a model's blocks, its calls stand beside the text.
  const content = role === "assistant" ? messageText(message) : toJsonValue(message.content);
  return {
    role,
    // Of an answer, LangGraph names the node that gave it.
    ...(role === "tool" && typeof name === "string" && { name }),
    content,
    ...(calls !== undefined && { tool_calls: calls }),
    ...(typeof answered === "string" && { tool_call_id: answered }),
  };
}

function callsOf({ tool_calls: calls }: Message): JsonValue | undefined {
  return Array.isArray(calls) && calls.length > 0 ? toJsonValue(calls) : undefined;
}

const ROLES: { readonly [type: string]: string } = {
  human: "user",
  ai: "assistant",
  AIMessageChunk: "assistant",
};

/** A message of a role that LangChain does not know, `generic`, names it. */
function roleOf(message: Message): string {
  if (typeof message.role === "string") return message.role;
  const type = message.getType?.();
  return typeof type === "string" ? (ROLES[type] ?? type) : "user";
}

/** What a prompt gives to a model. */
interface PromptValue {
  readonly value?: unknown;
  toChatMessages(): unknown;
}

function isPromptValue(value: object): value is PromptValue {
  return "toChatMessages" in value && typeof value.toChatMessages === "function";
}

/** The text of a prompt that is one, else its messages. */
function plainPrompt(prompt: PromptValue): unknown {
  return typeof prompt.value === "string"
    ? prompt.value
    : { messages: plainOf(prompt.toChatMessages(), new Map()) };
}
