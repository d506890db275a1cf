import { type Context, context, SpanKind } from "@opentelemetry/api";
import { type JsonValue, type SpanType, toJsonValue } from "../../core/index.ts";
import { ATTRIBUTES } from "../../otlp/index.ts";
import { type Listener, modelCallOwner, owningModelCall } from "../model-call-owner.ts";
import { getTracer, isOwnTracer } from "../provider.ts";
import { attributesOf, type Recorded, recordLater } from "../recorded.ts";
import { inSpan } from "../span-context.ts";
import type { Answer } from "./answer.ts";
import { type Accumulator, guarded, ModelCall } from "./model-call.ts";
import { hearAnswer, isApiPromise, observePromise } from "./observe-promise.ts";

/** One kind of call of an API, e.g. OpenAI's chat completions. */
export interface CallShape {
  /** `gen_ai.operation.name`. */
  readonly operation: string;
  readonly type: SpanType;
  /** What is known before the answer: an allow-list, never the whole of what was given. */
  request(body: { readonly [name: string]: unknown }, withContent: boolean): Recorded;
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
  const owner = modelCallOwner(around);
  if (owner === true) return call();
  if (owner !== undefined) return heard(settings, owner, call);
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

function heard({ shape }: CallSettings, owner: Listener, call: () => unknown): unknown {
  const returned = call();
  if (isApiPromise(returned)) {
    hearAnswer(returned, (response) => guarded(() => owner(shape.answer(response))));
  }
  return returned;
}

type Body = { readonly [name: string]: unknown };

function open(settings: CallSettings, body: Body, around: Context) {
  const tracer = getTracer(around);
  const { shape, withContent } = settings;
  const { operation } = shape;
  const model = typeof body.model === "string" ? body.model : undefined;
  const name = model === undefined ? operation : `${operation} ${model}`;
  const kind = SpanKind.CLIENT;
  const isOwn = isOwnTracer(tracer);
  // The program's sampler may go by them.
  const attributes = isOwn ? {} : attributesOf(requestRecord(settings, body));
  const span = tracer.startSpan(name, { kind, attributes }, around);
  if (!span.isRecording()) return undefined;
  if (isOwn) recordLater(span, snapshotOf(body), (sent) => requestRecord(settings, sent));
  const accumulator = () => shape.accumulator();
  return {
    call: new ModelCall(span, accumulator, withContent),
    inside: owningModelCall(inSpan(around, span, tracer)),
  };
}

/** What is sent, as it is now: the program may go on to use its objects for other things. */
function snapshotOf(body: Body): Body {
  const snapshot: { [name: string]: JsonValue } = {};
  for (const name of Object.keys(body)) {
    const value = body[name];
    if (value !== undefined) snapshot[name] = toJsonValue(value);
  }
  return snapshot;
}

function requestRecord(
  { shape, client, providerOf, withContent }: CallSettings,
  body: Body,
): Recorded {
  const { operation, type } = shape;
  const address = addressOf(client);
  return {
    [ATTRIBUTES.spanType]: type,
    [ATTRIBUTES.operation]: operation,
    [ATTRIBUTES.provider]: providerOf(address?.hostname ?? ""),
    [ATTRIBUTES.requestModel]: typeof body.model === "string" ? body.model : undefined,
    ...(address && {
      [ATTRIBUTES.serverAddress]: address.hostname,
      [ATTRIBUTES.serverPort]: Number(address.port || (address.protocol === "http:" ? 80 : 443)),
    }),
    ...shape.request(body, withContent),
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
