import { AssayError, type JsonValue, toJsonValue } from "../core/index.ts";
import { isMessage, messageText, withoutClasses } from "./message-outputs.ts";

/** What a model returned, as JSON: streams are read to their end, chat messages become what they say. */
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
  return toJsonValue(readable(value));
}

function readable(value: unknown): unknown {
  try {
    return withoutClasses(value);
  } catch {
    // A getter threw, or it is nested beyond measure: what can be recorded of it is, as of anything.
    return value;
  }
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
