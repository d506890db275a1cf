import { AssayError, isPlainObject, type JsonValue, type Row, soleInput } from "../core/index.ts";
import type { ChatMessage } from "../models/index.ts";
import { placeholders, renderPrompt } from "./prompt.ts";

/** Roles under the names that other tools give them. */
const ROLES: { readonly [name: string]: ChatMessage["role"] } = {
  system: "system",
  developer: "system",
  user: "user",
  human: "user",
  assistant: "assistant",
  ai: "assistant",
};

/**
 * What a chat model is asked for a row: the prompt filled in, else the row's `messages`, else its only text.
 *
 * @throws {AssayError} `invalid-argument` for several inputs without a prompt, and for messages that are
 *   more than text.
 */
export function messagesFor(row: Row, prompt: string | undefined): readonly ChatMessage[] {
  if (prompt !== undefined) return [{ role: "user", content: renderPrompt(prompt, row) }];
  const { messages } = row.inputs;
  if (Array.isArray(messages) && messages.length > 0) return messages.map(toMessage);
  const sole = soleInput(row.inputs);
  if (typeof sole === "string") return [{ role: "user", content: sole }];
  throw new AssayError(
    "invalid-argument",
    `A model URI needs a prompt for rows with several inputs; say which with prompt (--prompt), e.g. "${placeholders(row)}"`,
  );
}

function toMessage(message: JsonValue, index: number): ChatMessage {
  const { role, content } = isPlainObject(message) ? message : {};
  const known = typeof role === "string" && Object.hasOwn(ROLES, role) ? ROLES[role] : undefined;
  const text = textOf(content);
  if (known !== undefined && text !== undefined) return { role: known, content: text };
  throw new AssayError(
    "invalid-argument",
    `A model URI takes messages of text from system, user and assistant; message ${index + 1} is ${known === undefined ? `from "${String(role)}"` : "more than text"}. Give a function as the model instead`,
  );
}

/** A text, or the parts of a message that are all text. */
function textOf(content: unknown): string | undefined {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return undefined;
  const texts = content.map((part: unknown) =>
    isPlainObject(part) && part.type === "text" && typeof part.text === "string"
      ? part.text
      : undefined,
  );
  return texts.includes(undefined) ? undefined : texts.join("");
}
