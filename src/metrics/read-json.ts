import type { JsonValue } from "../core/json.ts";

export interface ReadJsonOptions {
  /** Default false. Whether a text may wrap its JSON in a Markdown fence, with prose around it. */
  readonly fenced?: boolean;
}

export type ReadJson = { readonly value: JsonValue } | { readonly problem: string };

const FENCE = /```[^\S\n]*(?:json[c5]?[^\S\n]*)?\n([\s\S]*?)```/i;

/** The JSON that an output is: a text is parsed, anything else is JSON already. */
export function readJson(value: JsonValue, { fenced = false }: ReadJsonOptions): ReadJson {
  if (typeof value !== "string") return { value };
  const text = (fenced ? FENCE.exec(value)?.[1] : undefined) ?? value;
  try {
    return { value: JSON.parse(text) as JsonValue };
  } catch (error) {
    // V8 quotes the text in its message; the row has it anyway.
    return { problem: `not JSON: ${withoutQuote((error as SyntaxError).message)}` };
  }
}

function withoutQuote(message: string): string {
  return message.startsWith('"')
    ? "not a value of JSON"
    : message.replace(/, (?:\.\.\.)?".*$/s, "");
}
