import { type Attributes, type Context, context, SpanKind } from "@opentelemetry/api";
import type { SpanType } from "../../core/index.ts";
import { ATTRIBUTES } from "../../otlp/index.ts";
import { ownedModelCall, owningModelCall } from "../model-call-owner.ts";
import { getTracer } from "../provider.ts";
import { inSpan } from "../span-context.ts";
import type { Answer } from "./answer.ts";
import { type Accumulator, guarded, ModelCall } from "./model-call.ts";
import { isApiPromise, observePromise } from "./observe-promise.ts";

/** One kind of call of an API, e.g. OpenAI's chat completions. */
export interface CallShape {
  /** `gen_ai.operation.name`. */
  readonly operation: string;
  readonly type: SpanType;
  /** What is known before the answer: an allow-list, never the whole of what was given. */
  request(body: { readonly [name: string]: unknown }, withContent: boolean): Attributes;
  answer(response: unknown): Answer;
  accumulator(): Accumulator;
}

/** The slice of an SDK's client that a span tells of. */
interface ClientLike {
  readonly baseURL?: unknown;
}

export interface CallSettings {
  readonly shape: CallShape;
  readonly client: ClientLike | undefined;
  readonly providerOf: (host: string) => string;
  readonly withContent: boolean;
}

/**
 * Makes a call of an SDK in a span of its own. What the SDK returns or throws is returned and thrown; the
 * span ends when the answer is there, or its stream is over.
 */
export function recordCall(settings: CallSettings, body: unknown, call: () => unknown): unknown {
  const around = context.active();
  // Whoever called the SDK records the call already.
  if (ownedModelCall(around)) return call();
  let opened: { readonly call: ModelCall; readonly inside: Context } | undefined;
  guarded(() => {
    opened = open(settings, isObject(body) ? body : {}, around);
  });
  if (opened === undefined) return call();
  const { call: recorded, inside } = opened;
  try {
    const returned = context.with(inside, call);
    if (isApiPromise(returned)) {
      observePromise(returned, recorded, (response) => settings.shape.answer(response));
    } else {
      recorded.streamed();
    }
    return returned;
  } catch (error) {
    recorded.failed(error);
    throw error;
  }
}

function open(
  { shape, client, providerOf, withContent }: CallSettings,
  body: { readonly [name: string]: unknown },
  around: Context,
) {
  const tracer = getTracer(around);
  const { operation, type } = shape;
  const address = addressOf(client);
  const model = typeof body.model === "string" ? body.model : undefined;
  const attributes: Attributes = {
    [ATTRIBUTES.spanType]: type,
    [ATTRIBUTES.operation]: operation,
    [ATTRIBUTES.provider]: providerOf(address?.hostname ?? ""),
    ...(model !== undefined && { [ATTRIBUTES.requestModel]: model }),
    ...(address && {
      [ATTRIBUTES.serverAddress]: address.hostname,
      [ATTRIBUTES.serverPort]: Number(address.port || (address.protocol === "http:" ? 80 : 443)),
    }),
    ...shape.request(body, withContent),
  };
  const name = model === undefined ? operation : `${operation} ${model}`;
  const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, around);
  if (!span.isRecording()) return undefined;
  const accumulator = () => shape.accumulator();
  return {
    call: new ModelCall(span, accumulator),
    inside: owningModelCall(inSpan(around, span, tracer)),
  };
}

const addresses = new Map<string, URL | undefined>();

function addressOf(client: ClientLike | undefined): URL | undefined {
  const url = client?.baseURL;
  if (typeof url !== "string") return undefined;
  if (!addresses.has(url)) {
    if (addresses.size > 100) addresses.clear();
    addresses.set(url, URL.canParse(url) ? new URL(url) : undefined);
  }
  return addresses.get(url);
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null;
}
