import type { JsonValue } from "../../core/index.ts";
import { ATTRIBUTES } from "../../otlp/index.ts";
import { type Answer, sumOf, type TokenCounts } from "../recorders/answer.ts";
import type { Accumulator } from "../recorders/model-call.ts";
import { parameterRecord, toolRecord } from "../recorders/parameters.ts";
import { list, members, text } from "../recorders/parts.ts";
import type { CallShape } from "../recorders/record-call.ts";
import { contentParts, inputMessage } from "./content.ts";

/** Anthropic's Messages API. */
export const messages: CallShape = {
  operation: "chat",
  type: "CHAT_MODEL",
  request: (body, withContent) => {
    const system = contentParts(body.system);
    return {
      ...parameterRecord(body),
      ...(withContent && {
        ...toolRecord(body.tools),
        ...(system.length > 0 && { [ATTRIBUTES.systemInstructions]: JSON.stringify(system) }),
        [ATTRIBUTES.inputMessages]: list(body.messages).map(inputMessage),
      }),
    };
  },
  answer: messageAnswer,
  accumulator: () => new MessageAccumulator(),
};

type Members = { readonly [name: string]: unknown };

function messageAnswer(response: unknown): Answer {
  const { id, model, content, stop_reason, usage } = members(response);
  const reason = text(stop_reason);
  return {
    id: text(id),
    model: text(model),
    finishReasons: [reason],
    messages: [outputMessage(contentParts(content), reason)],
    tokens: messageTokens(usage),
  };
}

function outputMessage(parts: readonly JsonValue[], reason: string | undefined): JsonValue {
  const finish = reason === undefined ? "error" : (FINISH_REASONS[reason] ?? reason);
  return { role: "assistant", parts, finish_reason: finish };
}

const FINISH_REASONS: { readonly [reason: string]: string } = {
  end_turn: "stop",
  stop_sequence: "stop",
  pause_turn: "stop",
  max_tokens: "length",
  tool_use: "tool_call",
  refusal: "content_filter",
};

/** The API counts cached tokens beside the others; the conventions count them among them. */
function messageTokens(usage: unknown): TokenCounts {
  const given = members(usage);
  const count = (value: unknown) => (typeof value === "number" ? value : undefined);
  const { input_tokens, cache_read_input_tokens, cache_creation_input_tokens } = given;
  return {
    input: sumOf(input_tokens, cache_read_input_tokens, cache_creation_input_tokens),
    output: count(given.output_tokens),
    cacheRead: count(cache_read_input_tokens),
    cacheWrite: count(cache_creation_input_tokens),
    reasoning: count(members(given.output_tokens_details).thinking_tokens),
  };
}

/** A streamed message: blocks are kept apart by their index. */
class MessageAccumulator implements Accumulator {
  #message: Members = {};
  #usage: Members = {};
  #stopReason: string | undefined;
  readonly #blocks = new Map<number, { [name: string]: unknown }>();
  readonly #json = new Map<number, string>();

  add(event: unknown): void {
    const { type, message, index, content_block, delta, usage } = event as Members;
    const at = typeof index === "number" ? index : 0;
    switch (type) {
      case "message_start":
        this.#message = members(message);
        this.#usage = members(this.#message.usage);
        break;
      case "content_block_start":
        this.#blocks.set(at, { ...members(content_block) });
        break;
      case "content_block_delta":
        this.#addDelta(at, members(delta));
        break;
      case "message_delta": {
        const reason = text(members(delta).stop_reason);
        if (reason !== undefined) this.#stopReason = reason;
        // Counts that are given anew are the totals so far.
        this.#usage = { ...this.#usage, ...withoutNull(members(usage)) };
        break;
      }
    }
  }

  answer(): Answer {
    const blocks = [...this.#blocks].sort(([a], [b]) => a - b);
    const content = blocks.map(([at, block]) => this.#withInput(at, block));
    const usage = this.#usage;
    return messageAnswer({ ...this.#message, content, stop_reason: this.#stopReason, usage });
  }

  #addDelta(at: number, delta: Members): void {
    if (delta.type === "input_json_delta") {
      this.#json.set(at, (this.#json.get(at) ?? "") + (text(delta.partial_json) ?? ""));
      return;
    }
    const block = this.#blocks.get(at) ?? { type: "text", text: "" };
    this.#blocks.set(at, block);
    const extend = (name: string, piece: unknown) => {
      if (typeof piece === "string") block[name] = (text(block[name]) ?? "") + piece;
    };
    if (delta.type === "text_delta") extend("text", delta.text);
    if (delta.type === "thinking_delta") extend("thinking", delta.thinking);
  }

  #withInput(at: number, block: Members): Members {
    const json = this.#json.get(at);
    if (json === undefined || json === "") return block;
    try {
      return { ...block, input: JSON.parse(json) as unknown };
    } catch {
      // A stream that was cut: as far as it came.
      return { ...block, input: json };
    }
  }
}

function withoutNull(given: Members): Members {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
}
