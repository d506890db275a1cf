import { INVALID_SPAN_CONTEXT, type Span, type SpanOptions, trace } from "@opentelemetry/api";
import type { InstrumentOptions } from "../openai/instrument.ts";
import { patchMethod } from "../recorders/patch.ts";
import { recordCall } from "../recorders/record-call.ts";
import { tracingSettings } from "../settings.ts";
import { messages } from "./messages.ts";

/**
 * Traces every call of the clients of an `Anthropic` class from now on.
 *
 * @param isOn - Asked at each call.
 * @returns How many kinds of calls were found: none means that this is no such class.
 */
export function instrumentAnthropic(anthropic: object, isOn: () => boolean = () => true): number {
  const { Messages, Beta } = anthropic as Statics;
  const found = [Messages, Beta?.Messages].filter(
    (resource) => resource !== undefined && patchMessages(resource.prototype, isOn, {}),
  );
  return found.length;
}

interface Resource {
  readonly prototype: object;
}

interface Statics {
  readonly Messages?: Resource;
  readonly Beta?: { readonly Messages?: Resource };
}

/** Traces the calls of one client; returns how many kinds of calls were found. */
export function wrapAnthropic(client: object, options: InstrumentOptions = {}): number {
  const { messages: plain, beta } = client as { messages?: object; beta?: { messages?: object } };
  const found = [plain, beta?.messages].filter(
    (resource) => resource !== undefined && patchMessages(resource, () => true, options),
  );
  patchMethod(client, "withOptions", (original, self, args) => {
    const copy = original.apply(self, [...args]);
    if (typeof copy === "object" && copy !== null) wrapAnthropic(copy, options);
    return copy;
  });
  return found.length;
}

function patchMessages(owner: object, isOn: () => boolean, options: InstrumentOptions): boolean {
  // The helpers begin the SDK's own span before they call `create`.
  for (const helper of ["stream", "toolRunner"]) {
    patchMethod(owner, helper, (original, self, args) => {
      if (isOn()) leaveCallsToUs(clientOf(self));
      return original.apply(self, [...args]);
    });
  }
  return patchMethod(owner, "create", (original, self, args) => {
    const call = () => original.apply(self, [...args]);
    if (!isOn()) return call();
    const client = clientOf(self);
    leaveCallsToUs(client);
    const withContent = options.content ?? tracingSettings().content;
    const settings = { shape: messages, client, providerOf, withContent };
    return recordCall(settings, args[0], call);
  });
}

interface Client {
  readonly baseURL?: unknown;
  _tracer?: NativeTracer;
}

const clientOf = (resource: unknown) => (resource as { readonly _client?: Client })._client;

interface NativeTracer {
  startSpan(name: string, options?: SpanOptions, ...rest: unknown[]): Span;
}

const QUIET = new WeakSet<NativeTracer>();

/**
 * The SDK traces itself from 0.134 on: two spans of one call would count its tokens twice. A span that
 * neither records nor leads anywhere makes it go on as if tracing were off; its other calls keep theirs.
 */
function leaveCallsToUs(client: Client | undefined): void {
  const native = client?._tracer;
  if (client === undefined || native === undefined || QUIET.has(native)) return;
  const quiet: NativeTracer = {
    startSpan: (name, options, ...rest) =>
      isModelCall(options)
        ? trace.wrapSpanContext(INVALID_SPAN_CONTEXT)
        : native.startSpan(name, options, ...rest),
  };
  QUIET.add(quiet);
  client._tracer = quiet;
}

const isModelCall = (options: SpanOptions | undefined) =>
  options?.attributes?.["gen_ai.operation.name"] === "chat";

function providerOf(host: string): string {
  if (host.endsWith(".amazonaws.com")) return "aws.bedrock";
  if (host.endsWith("aiplatform.googleapis.com")) return "gcp.vertex_ai";
  return "anthropic";
}
