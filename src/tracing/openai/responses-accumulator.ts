import { isPlainObject } from "../../core/index.ts";
import type { Answer } from "../recorders/answer.ts";
import type { Accumulator } from "../recorders/model-call.ts";
import { members, text } from "../recorders/parts.ts";
import { responsesAnswer } from "./responses-answer.ts";

interface Item {
  readonly [name: string]: unknown;
}

/**
 * A streamed response. Its last event holds the whole of it; where the stream ends before that, it is put
 * together from what came.
 */
export class ResponsesAccumulator implements Accumulator {
  #response: Item = {};
  #isWhole = false;
  readonly #items = new Map<number, Item>();
  /** Texts that were streamed and are in no item yet, by item. */
  readonly #pieces = new Map<number, Map<string, string>>();

  add(event: unknown): void {
    const { type, response, item, output_index, delta } = event as Item;
    if (typeof type !== "string") return;
    if (isPlainObject(response)) {
      this.#response = response;
      this.#isWhole = ENDS.has(type);
      return;
    }
    const at = typeof output_index === "number" ? output_index : 0;
    if (isPlainObject(item)) this.#items.set(at, item);
    if (type === "response.output_item.done") this.#pieces.delete(at);
    else if (typeof delta === "string") this.#addPiece(at, type, delta);
  }

  answer(): Answer {
    if (this.#isWhole) return responsesAnswer(this.#response);
    const positions = [...new Set([...this.#items.keys(), ...this.#pieces.keys()])];
    const output = positions
      .sort((a, b) => a - b)
      .map((at) => withPieces(this.#items.get(at) ?? {}, this.#pieces.get(at)));
    return responsesAnswer({ ...this.#response, output });
  }

  #addPiece(at: number, type: string, delta: string): void {
    let pieces = this.#pieces.get(at);
    if (pieces === undefined) {
      pieces = new Map();
      this.#pieces.set(at, pieces);
    }
    pieces.set(type, (pieces.get(type) ?? "") + delta);
  }
}

const ENDS: ReadonlySet<string> = new Set([
  "response.completed",
  "response.incomplete",
  "response.failed",
]);

function withPieces(item: Item, pieces: ReadonlyMap<string, string> | undefined): Item {
  if (pieces === undefined) return item;
  const piece = (event: string) => pieces.get(`response.${event}.delta`);
  const said = piece("output_text");
  const refusal = piece("refusal");
  const thought = piece("reasoning_text") ?? piece("reasoning_summary_text");
  const args = piece("function_call_arguments");
  const input = piece("custom_tool_call_input");
  const kind =
    text(item.type) ??
    (thought !== undefined ? "reasoning" : args !== undefined ? "function_call" : "message");
  if (kind === "reasoning") return { ...item, type: kind, content: [{ text: thought ?? "" }] };
  if (kind !== "message") {
    return {
      ...item,
      ...(args !== undefined && { arguments: args }),
      ...(input !== undefined && { input }),
    };
  }
  const content = [
    ...(said === undefined ? [] : [{ type: "output_text", text: said }]),
    ...(refusal === undefined ? [] : [{ type: "refusal", refusal }]),
  ];
  return { role: members(item).role ?? "assistant", ...item, type: kind, content };
}
