import { randomUUID } from "node:crypto";
import { context } from "@opentelemetry/api";
import type { JsonValue } from "../../core/index.ts";
import { ATTRIBUTES } from "../../otlp/index.ts";
import { whenForgotten } from "../forgotten.ts";
import { owningModelCall } from "../model-call-owner.ts";
import { type Recorded, record } from "../recorded.ts";
import { reasoningPart, textPart, toolCallPart } from "../recorders/parts.ts";
import { patchMethod } from "../recorders/patch.ts";
import { tracingSettings } from "../settings.ts";
import { openRuns } from "./open-runs.ts";

type Members = { readonly [name: string]: unknown };

/** The slice of the handler that records a call which LangChain makes without callbacks. */
export interface DirectTracer {
  handleChatModelStart(
    model: Members,
    messages: readonly (readonly unknown[])[],
    runId: string,
    parentRunId?: string,
    extraParams?: unknown,
    tags?: readonly string[],
    metadata?: Members,
  ): void;
  handleLLMError(error: unknown, runId: string): void;
}

let tracer: (() => DirectTracer | undefined) | undefined;

/** @param given - The handler while tracing is on. */
export function setDirectTracer(given: () => DirectTracer | undefined): void {
  tracer = given;
}

interface ChatModel {
  toJSON?(): Members;
  getLsParamsWithDefaults?(options: unknown): Members;
  _getInvocationParamsForTracing?(options: unknown): unknown;
}

/**
 * `model.streamEvents(input)` without a version asks the model for events past all callbacks; it is recorded
 * here.
 */
export function observeDirectEvents(model: object): void {
  let owner: object | null = model;
  while (owner !== null && !Object.hasOwn(owner, "_streamChatModelEvents")) {
    owner = Object.getPrototypeOf(owner);
  }
  if (owner === null) return;
  patchMethod(owner, "_streamChatModelEvents", (original, self, args) => {
    const generator = original.apply(self, [...args]) as AsyncGenerator<unknown>;
    const [messages, options] = args;
    // One inside another is ChatOpenAI's of the API that it chooses.
    const handler = isDirect ? tracer?.() : undefined;
    if (handler === undefined) return generator;
    return observed(generator, self as ChatModel, messages as unknown[], options, handler);
  });
}

let isDirect = false;

/** Runs `streamEvents`, which asks for its generator at once. */
export function directly<T>(work: () => T): T {
  isDirect = true;
  try {
    return work();
  } finally {
    isDirect = false;
  }
}

function observed(
  generator: AsyncGenerator<unknown>,
  model: ChatModel,
  messages: unknown[],
  options: unknown,
  handler: DirectTracer,
): AsyncGenerator<unknown> {
  const runId = randomUUID();
  const metadata = model.getLsParamsWithDefaults?.(options) ?? {};
  const extra = { invocation_params: model._getInvocationParamsForTracing?.(options) };
  handler.handleChatModelStart(
    model.toJSON?.() ?? {},
    [messages],
    runId,
    undefined,
    extra,
    [],
    metadata,
  );
  const answer = new EventAnswer();
  const run = openRuns.get(runId);
  if (run !== undefined) {
    run.tellPartly = () => run.span && record(run.span, answer.recorded());
  }
  const end = (interrupted?: string) =>
    openRuns.endWithin(runId, interrupted ? { [ATTRIBUTES.interrupted]: interrupted } : {});
  const remember = whenForgotten(generator, () => end("abandoned"));
  const around = owningModelCall(run?.context ?? context.active());
  const next = generator.next.bind(generator);
  const close = generator.return.bind(generator);
  generator.next = async (...given) => {
    try {
      const step = await context.with(around, () => next(...given));
      if (step.done) {
        remember();
        end();
      } else answer.add(step.value as Members);
      return step;
    } catch (error) {
      remember();
      handler.handleLLMError(error, runId);
      throw error;
    }
  };
  generator.return = (value) => {
    remember();
    end("broken-off");
    return close(value);
  };
  return generator;
}

/** The whole blocks that a stream of events has finished. */
class EventAnswer {
  readonly #parts: JsonValue[] = [];
  #reason: string | undefined;
  #usage: Members = {};

  add(event: Members): void {
    if (event.event === "content-block-finish") this.#addBlock((event.content ?? {}) as Members);
    if (event.event === "message-finish" && typeof event.reason === "string") {
      this.#reason = event.reason;
    }
    const usage = event.usage;
    if (typeof usage === "object" && usage !== null) this.#usage = usage as Members;
  }

  recorded(): Recorded {
    const { input_tokens, output_tokens } = this.#usage;
    const message = {
      role: "assistant",
      parts: this.#parts,
      finish_reason: this.#reason ?? "error",
    };
    return {
      ...(tracingSettings().content && { [ATTRIBUTES.outputMessages]: [message] }),
      ...(this.#reason !== undefined && { [ATTRIBUTES.finishReasons]: [this.#reason] }),
      ...(typeof input_tokens === "number" && { [ATTRIBUTES.inputTokens]: input_tokens }),
      ...(typeof output_tokens === "number" && { [ATTRIBUTES.outputTokens]: output_tokens }),
    };
  }

  #addBlock(block: Members): void {
    if (typeof block.text === "string") this.#parts.push(textPart(block.text));
    else if (typeof block.reasoning === "string") {
      this.#parts.push(reasoningPart(block.reasoning));
    } else if (typeof block.name === "string") {
      this.#parts.push(toolCallPart(block.id, block.name, block.args ?? block.input));
    }
  }
}
