import { type Context, context } from "@opentelemetry/api";
import type { SpanType } from "../../core/index.ts";
import { ATTRIBUTES } from "../../otlp/index.ts";
import { getTracer, isOwnTracer } from "../provider.ts";
import { recordException } from "../record-exception.ts";
import { attributesOf, type Recorded, record } from "../recorded.ts";
import { runIdOf } from "../run-context-manager.ts";
import { tracingSettings } from "../settings.ts";
import { inSpan } from "../span-context.ts";
import { isMessage, toGenAiMessage } from "./messages.ts";
import { type ResultLike, requestRecord, responseRecord } from "./model-call.ts";
import { openRuns, provideStorage } from "./open-runs.ts";
import {
  input,
  nameOf,
  output,
  ownOutput,
  promptRecord,
  type Serialized,
  toolArguments,
  unwrapped,
} from "./run-values.ts";

interface Started {
  readonly metadata?: Metadata | undefined;
  readonly runId: string;
  readonly parentRunId: string | undefined;
  readonly name: string;
  readonly type: SpanType;
  readonly tags?: readonly string[] | undefined;
  readonly recorded: Recorded;
}

type Metadata = { readonly [key: string]: unknown };

/** Bookkeeping runs of LangGraph, which its own tracer leaves out as well. */
const HIDDEN_TAG = "langsmith:hidden";

/** Runs whose metadata tell of their prompt; a chain's would stand on everything inside it. */
const OF_PROMPTS: readonly SpanType[] = ["PROMPT", "CHAT_MODEL", "LLM"];

const CHAIN_TYPES: { readonly [runType: string]: SpanType } = {
  prompt: "PROMPT",
  parser: "PARSER",
  tool: "TOOL",
  retriever: "RETRIEVER",
  llm: "LLM",
};

/**
 * A LangChain callback handler that records each run as a span: chains, prompts, retrievers with their
 * documents, chat models with messages and tokens, parsers, tools.
 *
 * Structurally a handler, so that it works with whatever copy of `@langchain/core` the program uses.
 */
export class LangChainTracer {
  readonly name = "assay_tracer";
  /** LangChain then calls the handler at once, in the caller's context; its queue would mix up traces. */
  readonly awaitHandlers = true;
  readonly raiseError = false;
  readonly ignoreLLM = false;
  readonly ignoreChain = false;
  readonly ignoreAgent = false;
  readonly ignoreRetriever = false;
  readonly ignoreCustomEvent = true;

  // LangChain's type declares `runType` fourth; it calls with the parent's id there.
  handleChainStart(
    chain: Serialized,
    inputs: unknown,
    runId: string,
    parentRunId?: string,
    tags?: readonly string[],
    metadata?: Metadata,
    runType?: string,
    runName?: string,
    extra?: { readonly lc_defers_inputs?: boolean },
  ): void {
    this.#start({
      runId,
      parentRunId,
      name: runName ?? nameOf(chain, "chain"),
      type: CHAIN_TYPES[runType ?? ""] ?? "CHAIN",
      tags,
      metadata,
      // A streamed chain learns its inputs while it runs and tells them at the end.
      recorded: extra?.lc_defers_inputs === true ? {} : input(unwrapped(inputs)),
    });
  }

  handleChainEnd(
    outputs: unknown,
    runId: string,
    _parentRunId?: string,
    _tags?: readonly string[],
    late?: { readonly inputs?: unknown },
  ): void {
    const inputs = late?.inputs === undefined ? {} : input(unwrapped(late.inputs));
    const returned = ownOutput(unwrapped(outputs), openRuns.get(runId)?.lastOutput);
    this.#end(runId, { ...inputs, ...output(returned) }, returned);
  }

  handleChatModelStart(
    model: Serialized,
    messages: readonly (readonly unknown[])[],
    runId: string,
    parentRunId?: string,
    extraParams?: unknown,
    tags?: readonly string[],
    metadata?: Metadata,
    runName?: string,
  ): void {
    const sent = tracingSettings().content
      ? messages.flat().filter(isMessage).map(toGenAiMessage)
      : [];
    this.#start({
      runId,
      parentRunId,
      name: runName ?? nameOf(model, "chat model"),
      type: "CHAT_MODEL",
      tags,
      metadata,
      recorded: {
        ...requestRecord(extraParams, metadata),
        ...(tracingSettings().content && { [ATTRIBUTES.inputMessages]: sent }),
      },
    });
  }

  handleLLMStart(
    model: Serialized,
    prompts: readonly string[],
    runId: string,
    parentRunId?: string,
    extraParams?: unknown,
    tags?: readonly string[],
    metadata?: Metadata,
    runName?: string,
  ): void {
    this.#start({
      runId,
      parentRunId,
      name: runName ?? nameOf(model, "llm"),
      type: "LLM",
      tags,
      metadata,
      recorded: {
        ...requestRecord(extraParams, metadata),
        [ATTRIBUTES.operation]: "text_completion",
        ...input(prompts.length === 1 ? prompts[0] : prompts),
      },
    });
  }

  handleLLMEnd(result: ResultLike, runId: string): void {
    const first = result.generations[0]?.[0];
    this.#end(runId, responseRecord(result), first?.message ?? first?.text);
  }

  handleRetrieverStart(
    retriever: Serialized,
    query: string,
    runId: string,
    parentRunId?: string,
    tags?: readonly string[],
    metadata?: Metadata,
    runName?: string,
  ): void {
    this.#start({
      runId,
      parentRunId,
      name: runName ?? nameOf(retriever, "retriever"),
      type: "RETRIEVER",
      tags,
      metadata,
      recorded: {
        ...input(query),
        [ATTRIBUTES.operation]: "retrieval",
        ...(tracingSettings().content && { [ATTRIBUTES.retrievalQuery]: query }),
      },
    });
  }

  handleRetrieverEnd(documents: readonly unknown[], runId: string): void {
    this.#end(runId, output(documents), documents);
  }

  handleToolStart(
    tool: Serialized,
    toolInput: string,
    runId: string,
    parentRunId?: string,
    tags?: readonly string[],
    metadata?: Metadata,
    runName?: string,
  ): void {
    const name = runName ?? nameOf(tool, "tool");
    this.#start({
      runId,
      parentRunId,
      name,
      type: "TOOL",
      tags,
      metadata,
      recorded: {
        ...input(toolArguments(toolInput)),
        [ATTRIBUTES.operation]: "execute_tool",
        "gen_ai.tool.name": name,
      },
    });
  }

  handleToolEnd(result: unknown, runId: string): void {
    this.#end(runId, output(result), result);
  }

  handleChainError(error: unknown, runId: string): void {
    this.#fail(runId, error);
  }

  handleLLMError(error: unknown, runId: string): void {
    this.#fail(runId, error);
  }

  handleRetrieverError(error: unknown, runId: string): void {
    this.#fail(runId, error);
  }

  handleToolError(error: unknown, runId: string): void {
    this.#fail(runId, error);
  }

  #start({ runId, parentRunId, name, type, tags, recorded, metadata = {} }: Started): void {
    // Passed in as a callback and switched on by `autolog`, the handler hears of a run twice.
    if (openRuns.get(runId) !== undefined) return;
    provideStorage();
    const parent = parentContext(parentRunId);
    if (tags?.includes(HIDDEN_TAG)) {
      openRuns.add({ runId, parentRunId, context: parent });
      return;
    }
    const tracer = getTracer();
    const session = metadata.thread_id ?? metadata.session_id;
    const all: Recorded = {
      [ATTRIBUTES.spanType]: type,
      ...(typeof session === "string" && { [ATTRIBUTES.session]: session }),
      ...(typeof metadata.langgraph_node === "string" && {
        "langgraph.node": metadata.langgraph_node,
      }),
      ...(OF_PROMPTS.includes(type) && promptRecord(metadata)),
      ...recorded,
    };
    const isOwn = isOwnTracer(tracer);
    // The program's sampler may go by them.
    const span = tracer.startSpan(name, isOwn ? {} : { attributes: attributesOf(all) }, parent);
    if (isOwn) record(span, all);
    openRuns.add({ runId, parentRunId, span, context: inSpan(parent, span, tracer) });
  }

  /** @param returned - What the run gave to the runnable around it. */
  #end(runId: string, recorded: Recorded, returned: unknown): void {
    const run = openRuns.take(runId);
    const parent = openRuns.get(run?.parentRunId);
    if (parent !== undefined) parent.lastOutput = returned;
    if (run?.span === undefined) return;
    record(run.span, recorded);
    run.span.end();
  }

  #fail(runId: string, error: unknown): void {
    const span = openRuns.take(runId)?.span;
    if (span === undefined) return;
    // LangGraph's interrupts travel as errors; they are control flow.
    const isInterrupt = error instanceof Error && "is_bubble_up" in error && error.is_bubble_up;
    if (isInterrupt !== true) recordException(span, error);
    span.end();
  }
}

/** The context of the parent run, or what the program opened inside that run. */
function parentContext(parentRunId: string | undefined): Context {
  const active = context.active();
  if (parentRunId === undefined || runIdOf(active) === parentRunId) return active;
  return openRuns.get(parentRunId)?.context ?? active;
}
