import { AssayError, type JsonValue, toJsonValue } from "../core/index.ts";

/** What a model returned, as JSON: streams are read to their end, chat messages become their text and tool calls. */
export async function toOutputs(
  returned: unknown,
  context?: { readonly signal: AbortSignal },
): Promise<JsonValue> {
  const value = isStream(returned) ? await collect(returned, context?.signal) : returned;
  if (value === undefined) {
    throw new AssayError("invalid-argument", "The model returned nothing");
  }
  if (isResponse(value)) {
    throw new AssayError(
      "invalid-argument",
      "The model returned a Response; return what it holds: await response.text() or await response.json()",
    );
  }
  return isMessage(value) ? messageOutputs(value) : toJsonValue(value);
}

/** By its tag: to name the class itself would load all of `fetch`, 40 ms, for every model. */
function isResponse(value: unknown): boolean {
  return Object.prototype.toString.call(value) === "[object Response]";
}

/** Something that yields chunks: a generator or a stream, as opposed to an array, map or set. */
function isStream(value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> {
  if (typeof value !== "object" || value === null) return false;
  return Symbol.asyncIterator in value || (Symbol.iterator in value && "next" in value);
}

/** Text chunks, as bytes too, are joined; anything else is kept as the list of what was yielded. */
async function collect(
  stream: AsyncIterable<unknown> | Iterable<unknown>,
  signal?: AbortSignal,
): Promise<unknown> {
  const chunks: unknown[] = [];
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    // Of a row that was given up; leaving the loop lets the stream release what it holds.
    signal?.throwIfAborted();
    if (chunk instanceof Uint8Array) chunks.push(decoder.decode(chunk, { stream: true }));
    else chunks.push(isMessage(chunk) ? messageText(chunk) : chunk);
  }
  return chunks.every((chunk) => typeof chunk === "string") ? chunks.join("") : chunks;
}

/** The parts of a LangChain message that hold what was said, and what it asks to be called. */
interface Message {
  readonly content: unknown;
  readonly text?: unknown;
  readonly tool_calls?: unknown;
}

function isMessage(value: unknown): value is Message {
  return (
    typeof value === "object" &&
    value !== null &&
    "content" in value &&
    "response_metadata" in value
  );
}

/** Its text; with the calls beside it where it asks for tools, which scorers of tool calls look for. */
function messageOutputs(message: Message): JsonValue {
  const { tool_calls: calls } = message;
  const text = messageText(message);
  const asks = Array.isArray(calls) && calls.length > 0;
  return asks ? { content: text, tool_calls: toJsonValue(calls) } : text;
}

function messageText(message: Message): JsonValue {
  if (typeof message.content === "string") return message.content;
  return typeof message.text === "string" ? message.text : toJsonValue(message.content);
}
