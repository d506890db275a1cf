import { AssayError, type JsonValue, toJsonValue } from "../core/index.ts";

/** What a model returned, as JSON: streams are read to their end, chat messages become their text. */
export async function toOutputs(returned: unknown, signal?: AbortSignal): Promise<JsonValue> {
  const value = isStream(returned) ? await collect(returned, signal) : returned;
  if (value === undefined) {
    throw new AssayError("invalid-argument", "The model returned nothing");
  }
  if (value instanceof Response) {
    throw new AssayError(
      "invalid-argument",
      "The model returned a Response; return what it holds: await response.text() or await response.json()",
    );
  }
  return isMessage(value) ? messageText(value) : toJsonValue(value);
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

/** The part of a LangChain message that holds what was said. */
interface Message {
  readonly content: unknown;
  readonly text?: unknown;
}

function isMessage(value: unknown): value is Message {
  return (
    typeof value === "object" &&
    value !== null &&
    "content" in value &&
    "response_metadata" in value
  );
}

function messageText(message: Message): JsonValue {
  if (typeof message.content === "string") return message.content;
  return typeof message.text === "string" ? message.text : toJsonValue(message.content);
}
