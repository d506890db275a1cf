import { type Context, context } from "@opentelemetry/api";
import { ATTRIBUTES } from "../../otlp/index.ts";
import { whenForgotten } from "../forgotten.ts";
import type { Copy } from "../load-copies.ts";
import { owningModelCall } from "../model-call-owner.ts";
import { record } from "../recorded.ts";
import { patchMethod } from "../recorders/patch.ts";
import { directly, observeDirectEvents } from "./direct-events.ts";
import { observeEmbeddings } from "./embeddings.ts";
import { openRuns } from "./open-runs.ts";
import { partialResult } from "./partial-result.ts";
import { newRunUuid } from "./run-uuid.ts";

/** A class whose instances are asked for: what is abstract in it is patched where a subclass has it. */
interface Patched {
  readonly specifier: string;
  readonly className: string;
  /** Methods by which instances are first seen. */
  readonly entries: readonly string[];
  readonly patchInstance: (instance: object, isOn: () => boolean) => void;
}

const CLASSES: readonly Patched[] = [
  {
    specifier: "@langchain/core/language_models/chat_models",
    className: "BaseChatModel",
    entries: ["_generateUncached", "_streamIterator", "streamEvents"],
    patchInstance: (model) => {
      inRun(model, "_generate", 2, owningModelCall);
      inRunStreamed(model, "_streamResponseChunks");
      observeDirectEvents(model);
    },
  },
  {
    specifier: "@langchain/core/language_models/llms",
    className: "BaseLLM",
    entries: ["_generateUncached", "_streamIterator"],
    patchInstance: (model) => {
      inRun(model, "_generate", 2, owningModelCall);
      inRunStreamed(model, "_streamResponseChunks");
    },
  },
  {
    specifier: "@langchain/core/tools",
    className: "StructuredTool",
    entries: ["call"],
    patchInstance: (tool) => inRun(tool, "_call", 1),
  },
  {
    specifier: "@langchain/core/retrievers",
    className: "BaseRetriever",
    entries: ["invoke"],
    patchInstance: (retriever, isOn) => {
      inRun(retriever, "_getRelevantDocuments", 1);
      const { vectorStore } = retriever as { vectorStore?: { readonly embeddings?: unknown } };
      observeEmbeddings(vectorStore?.embeddings, isOn);
    },
  },
  {
    specifier: "@langchain/core/vectorstores",
    className: "VectorStore",
    entries: ["asRetriever", "similaritySearch", "similaritySearchWithScore"],
    patchInstance: (store, isOn) => {
      observeEmbeddings((store as { readonly embeddings?: unknown }).embeddings, isOn);
    },
  },
];

const patchedCopies = new WeakSet<object>();

/**
 * Callbacks tell only that a run begins and ends. Patched are the methods that do a run's work, so that
 * the run's span is active in it and SDKs below know that a model call is recorded already, and streams,
 * so that one that is left ends its runs.
 *
 * @param isOn - Whether calls that no run tells of are recorded; asked at each.
 */
export function patchClasses(copy: Copy<object>, isOn: () => boolean): void {
  if (patchedCopies.has(copy)) return;
  patchedCopies.add(copy);
  for (const { specifier, className, entries, patchInstance } of CLASSES) {
    const owner = prototypeIn(copy.sibling(specifier), className);
    if (owner === undefined) continue;
    for (const entry of entries) {
      patchMethod(owner, entry, (original, self, args) => {
        patchInstance(self as object, isOn);
        const call = () => original.apply(self, [...args]);
        return entry === "streamEvents" ? directly(call) : call();
      });
    }
  }
  patchStreams(copy);
}

function prototypeIn(module: object | undefined, className: string): object | undefined {
  const found = (module as { readonly [name: string]: unknown } | undefined)?.[className];
  return typeof found === "function" ? (found.prototype as object) : undefined;
}

/** The object in the chain of prototypes that has the method itself. */
function ownerOf(instance: object, name: string): object | undefined {
  let owner: object | null = instance;
  while (owner !== null && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner);
  return owner ?? undefined;
}

function runIdOf(manager: unknown): string | undefined {
  return (manager as { readonly runId?: string } | undefined)?.runId;
}

/** @param managerAt - Which argument of the method manages the run. */
function inRun(
  instance: object,
  name: string,
  managerAt: number,
  inside: (from: Context) => Context = (from) => from,
): void {
  const owner = ownerOf(instance, name);
  if (owner === undefined) return;
  patchMethod(owner, name, (original, self, args) => {
    const call = () => original.apply(self, [...args]);
    const run = openRuns.get(runIdOf(args[managerAt]));
    return run === undefined ? call() : context.with(inside(run.context), call);
  });
}

/** A model's chunks, each asked for in the context of its run, and kept until the run ends. */
function inRunStreamed(instance: object, name: string): void {
  const owner = ownerOf(instance, name);
  if (owner === undefined) return;
  patchMethod(owner, name, (original, self, args) => {
    const generator = original.apply(self, [...args]) as AsyncGenerator<unknown>;
    const run = openRuns.get(runIdOf(args[2]));
    if (run === undefined) return generator;
    const inside = owningModelCall(run.context);
    const partial = partialResult();
    run.tellPartly = () => run.span && record(run.span, partial.recorded());
    const next = generator.next.bind(generator);
    generator.next = (...given) =>
      context
        .with(inside, () => next(...given))
        .then((step) => {
          if (!step.done) partial.add(step.value);
          return step;
        });
    return generator;
  });
}

interface StreamConfig {
  readonly runId?: string;
}

function patchStreams(copy: Copy<object>): void {
  const runnables = copy.sibling("@langchain/core/runnables") ?? {};
  for (const found of Object.values(runnables)) {
    const owner = typeof found === "function" ? (found.prototype as object | undefined) : undefined;
    if (owner === undefined || !Object.hasOwn(owner, "stream")) continue;
    patchMethod(owner, "stream", streamWithId);
  }
  const generator = prototypeIn(
    copy.sibling("@langchain/core/utils/stream"),
    "AsyncGeneratorWithSetup",
  );
  if (generator === undefined) return;
  for (const method of ["return", "throw"]) {
    patchMethod(generator, method, async (original, self, args) => {
      try {
        return await original.apply(self, [...args]);
      } finally {
        const { runId } = (self as { readonly config?: StreamConfig }).config ?? {};
        // LangChain ends no run of a stream that its consumer leaves.
        if (runId !== undefined) {
          openRuns.endWithin(runId, { [ATTRIBUTES.interrupted]: "broken-off" });
        }
      }
    });
  }
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Gives the run of a stream an id that is known, unless the caller has done so. */
async function streamWithId(
  original: Method,
  self: unknown,
  [input, options, ...rest]: readonly unknown[],
): Promise<unknown> {
  const given = (options ?? {}) as StreamConfig;
  const runId = given.runId ?? newRunUuid();
  const stream = await original.call(self, input, { ...given, runId }, ...rest);
  if (typeof stream === "object" && stream !== null) {
    whenForgotten(stream, () =>
      openRuns.endWithin(runId, { [ATTRIBUTES.interrupted]: "abandoned" }),
    );
  }
  return stream;
}
