import { AssayError, isPlainObject, type JsonObject, type JsonValue } from "../core/index.ts";
import { kindOf, type RawRow, whereOf } from "./raw-row.ts";

/**
 * Refuses a conversation that no chat model could read. Anything but a list is an ordinary input that
 * happens to be called `messages`.
 *
 * @throws {AssayError} `invalid-argument` naming the message that lacks its role or content.
 */
export function checkMessages({ messages }: JsonObject, raw: RawRow): void {
  if (!Array.isArray(messages)) return;
  for (const [index, message] of (messages as readonly JsonValue[]).entries()) {
    const problem = problemOf(message);
    if (problem === undefined) continue;
    throw new AssayError(
      "invalid-argument",
      `${whereOf(raw)}: expected message ${index + 1} of messages to be { role, content }, found ${problem}`,
    );
  }
}

function problemOf(message: JsonValue): string | undefined {
  if (!isPlainObject(message)) return kindOf(message);
  const { role, content } = message;
  if (typeof role !== "string" || role === "") return "no role";
  if (typeof content === "string" || Array.isArray(content)) return undefined;
  // An assistant that only calls tools says nothing.
  const callsTools = Array.isArray(message.tool_calls) && message.tool_calls.length > 0;
  if (content === undefined || content === null) return callsTools ? undefined : "no content";
  return `a content that is ${kindOf(content)}`;
}
