import type { Answer } from "../recorders/answer.ts";
import type { Accumulator } from "../recorders/model-call.ts";
import { members, text } from "../recorders/parts.ts";
import { chatTokens, outputMessage } from "./chat-answer.ts";

interface Call {
  id?: string;
  name: string;
  arguments: string;
}

interface Choice {
  content: string;
  reasoning: string;
  refusal: string;
  finishReason?: string;
  /** By their index, or in order of arrival where a provider gives none. */
  readonly calls: Map<number | string, Call>;
  legacyCall?: Call;
}

/**
 * A streamed chat completion: choices and tool calls are kept apart by their index, since a stream
 * mixes them.
 */
export class ChatAccumulator implements Accumulator {
  #id: string | undefined;
  #model: string | undefined;
  #usage: unknown;
  readonly #choices = new Map<number, Choice>();

  add(chunk: unknown): void {
    const { id, model, choices, usage, x_groq } = chunk as { [name: string]: unknown };
    if (typeof id === "string" && id !== "") this.#id ??= id;
    if (typeof model === "string" && model !== "") this.#model ??= model;
    const used = usage ?? members(x_groq).usage;
    if (used !== undefined && used !== null) this.#usage = used;
    if (!Array.isArray(choices)) return;
    for (const choice of choices) this.#addChoice(members(choice));
  }

  answer(): Answer {
    const choices = [...this.#choices].sort(([a], [b]) => a - b).map(([, choice]) => choice);
    return {
      id: this.#id,
      model: this.#model,
      finishReasons: choices.map(({ finishReason }) => finishReason),
      messages: choices.map((choice) => outputMessage(messageOf(choice), choice.finishReason)),
      tokens: chatTokens(this.#usage),
    };
  }

  #addChoice({
    index,
    delta,
    finish_reason,
    text: plain,
  }: {
    readonly [name: string]: unknown;
  }): void {
    const at = typeof index === "number" ? index : 0;
    let choice = this.#choices.get(at);
    if (choice === undefined) {
      choice = { content: "", reasoning: "", refusal: "", calls: new Map() };
      this.#choices.set(at, choice);
    }
    if (typeof finish_reason === "string") choice.finishReason = finish_reason;
    // Of the old completions; some say it twice.
    if (typeof plain === "string" && delta === undefined) choice.content += plain;
    const { content, reasoning_content, reasoning, refusal, tool_calls, function_call } =
      members(delta);
    if (typeof content === "string") choice.content += content;
    else if (Array.isArray(content)) addParts(choice, content);
    const thought = reasoning_content ?? reasoning;
    if (typeof thought === "string") choice.reasoning += thought;
    if (typeof refusal === "string") choice.refusal += refusal;
    if (Array.isArray(tool_calls)) for (const call of tool_calls) addCall(choice, members(call));
    if (typeof function_call === "object" && function_call !== null) {
      choice.legacyCall ??= { name: "", arguments: "" };
      extend(choice.legacyCall, members(function_call));
    }
  }
}

/** Mistral streams lists of parts. */
function addParts(choice: Choice, parts: readonly unknown[]): void {
  for (const part of parts.map(members)) {
    if (typeof part.text === "string") choice.content += part.text;
    if (!Array.isArray(part.thinking)) continue;
    for (const one of part.thinking) choice.reasoning += text(members(one).text) ?? "";
  }
}

function addCall(choice: Choice, call: { readonly [name: string]: unknown }): void {
  const id = text(call.id);
  // Without an index every piece with an id begins a call, and one without goes on with the last.
  const last = [...choice.calls.keys()].at(-1);
  const key = typeof call.index === "number" ? call.index : id ? id : (last ?? "");
  let known = choice.calls.get(key);
  if (known === undefined) {
    known = { name: "", arguments: "" };
    choice.calls.set(key, known);
  }
  if (id) known.id ??= id;
  extend(known, members(call.function ?? call.custom));
}

function extend(
  call: Call,
  { name, arguments: args, input }: { readonly [name: string]: unknown },
): void {
  // Some providers repeat the name in every piece.
  if (typeof name === "string" && call.name !== name) call.name += name;
  const piece = args ?? input;
  if (typeof piece === "string") call.arguments += piece;
  else if (typeof piece === "object" && piece !== null) call.arguments += JSON.stringify(piece);
}

function messageOf({ content, reasoning, refusal, calls, legacyCall }: Choice) {
  return {
    content,
    reasoning,
    refusal,
    tool_calls: [...calls.values()].map(({ id, ...called }) => ({ id, function: called })),
    ...(legacyCall && { function_call: legacyCall }),
  };
}
