import { isPlainObject, type JsonValue } from "./json.ts";

/**
 * What of some outputs is the answer, which texts are compared with and judges see: of an agent's state,
 * recorded as `{ content, messages }`, its content; anything else as it is.
 */
export function answerOf(outputs: JsonValue): JsonValue {
  if (!isPlainObject(outputs) || !Array.isArray(outputs.messages)) return outputs;
  return typeof outputs.content === "string" ? outputs.content : outputs;
}
