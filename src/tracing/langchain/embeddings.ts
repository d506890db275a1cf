import { context, type Span } from "@opentelemetry/api";
import { AssayError } from "../../core/index.ts";
import { ATTRIBUTES } from "../../otlp/index.ts";
import { hearingModelCalls, modelCallOwner } from "../model-call-owner.ts";
import { getTracer } from "../provider.ts";
import { recordException } from "../record-exception.ts";
import { record } from "../recorded.ts";
import { type Answer, sumOf, tokenRecord } from "../recorders/answer.ts";
import { guarded } from "../recorders/model-call.ts";
import { patchMethod } from "../recorders/patch.ts";
import { inSpan } from "../span-context.ts";
import { input, output } from "./run-values.ts";

/** LangChain tells no handler of these, so they are watched where their class has them. */
const METHODS = ["embedQuery", "embedDocuments"] as const;

interface EmbeddingsLike {
  readonly model?: unknown;
  readonly modelName?: unknown;
}

/**
 * Traces every call of the class of an embeddings object, if it is one.
 *
 * @param isOn - Asked at each call.
 */
export function observeEmbeddings(embeddings: unknown, isOn: () => boolean): void {
  if (typeof embeddings !== "object" || embeddings === null) return;
  for (const name of METHODS) {
    const owner = ownerOf(embeddings, name);
    if (owner !== undefined) observeMethod(owner, name, isOn);
  }
}

function observeMethod(owner: object, name: string, isOn: () => boolean): boolean {
  return patchMethod(owner, name, (original, self, args) => {
    const call = () => original.apply(self, [...args]);
    // One of the two may be done by the other.
    const isRecorded = modelCallOwner(context.active()) !== undefined;
    return isOn() && !isRecorded ? recordEmbedding(self as EmbeddingsLike, args[0], call) : call();
  });
}

function ownerOf(instance: object, name: string): object | undefined {
  let owner: object | null = instance;
  while (owner !== null && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner);
  return owner === Object.prototype ? undefined : (owner ?? undefined);
}

async function recordEmbedding(
  self: EmbeddingsLike,
  given: unknown,
  call: () => unknown,
): Promise<unknown> {
  const around = context.active();
  const tracer = getTracer(around);
  let span: Span | undefined;
  let heard: Answer[] = [];
  guarded(() => {
    const model = self.model ?? self.modelName;
    span = tracer.startSpan(self.constructor.name, {}, around);
    record(span, {
      [ATTRIBUTES.spanType]: "EMBEDDING",
      [ATTRIBUTES.operation]: "embeddings",
      ...(typeof model === "string" && { [ATTRIBUTES.requestModel]: model }),
      ...input(given),
    });
  });
  if (span === undefined) return call();
  const own = span;
  const hear = (answer: Answer) => {
    heard = [...heard, answer];
  };
  const inside = hearingModelCalls(inSpan(around, own, tracer), hear);
  try {
    const vectors = await context.with(inside, call);
    guarded(() => {
      record(own, { ...output(shapeOf(vectors)), ...toldBy(heard) });
      own.end();
    });
    return vectors;
  } catch (error) {
    guarded(() => {
      record(own, toldBy(heard));
      recordException(own, error);
      own.end();
    });
    throw error;
  }
}

/** Of vectors only how many and how long they are is recorded. */
function shapeOf(vectors: unknown): { readonly count: number; readonly dimensions?: number } {
  const all: readonly unknown[] = Array.isArray(vectors) ? vectors : [];
  const isOne = typeof all[0] === "number";
  const first: unknown = isOne ? all : all[0];
  return {
    count: isOne ? 1 : all.length,
    ...(Array.isArray(first) && { dimensions: first.length }),
  };
}

/** What the SDK's calls below told, which LangChain does not. */
function toldBy(answers: readonly Answer[]) {
  const model = answers.find((answer) => answer.model !== undefined)?.model;
  return {
    ...tokenRecord({ input: sumOf(...answers.map(({ tokens }) => tokens?.input)) }),
    ...(model !== undefined && { [ATTRIBUTES.responseModel]: model }),
  };
}

/**
 * Traces every call of an embeddings object of LangChain, which is the one that is returned. `autolog()` finds
 * those of vector stores by itself when they are first searched.
 *
 * @throws {AssayError} `invalid-argument` for something that embeds nothing.
 */
export function wrapEmbeddings<E extends object>(embeddings: E): E {
  const found = METHODS.filter((name) => observeMethod(embeddings, name, () => true));
  if (found.length === METHODS.length) return embeddings;
  throw new AssayError(
    "invalid-argument",
    "Expected an object with `embedQuery` and `embedDocuments`, such as LangChain's embeddings",
  );
}
