import { type TracerProvider, trace } from "@opentelemetry/api";
import type { SpanProcessor } from "@opentelemetry/sdk-trace-base";

/** What the SDKs of OpenTelemetry keep their processors in: 1.x by a method, 2.x in a list. */
interface SdkProvider extends TracerProvider {
  addSpanProcessor?(processor: SpanProcessor): void;
  readonly _activeSpanProcessor?: { readonly _spanProcessors?: SpanProcessor[] };
}

/** The provider that the program itself has registered; absent where it has none. */
export function appProvider(): TracerProvider | undefined {
  const registered: TracerProvider = trace.getTracerProvider();
  // By its shape: the proxy may be that of another copy of the API.
  const { getDelegate } = registered as { getDelegate?(): TracerProvider };
  const provider = getDelegate === undefined ? registered : getDelegate.call(registered);
  return provider.constructor.name === "NoopTracerProvider" ? undefined : provider;
}

/** Whether `processor` hears of the provider's spans from now on. */
export function addProcessor(provider: SdkProvider, processor: SpanProcessor): boolean {
  const list = provider._activeSpanProcessor?._spanProcessors;
  if (Array.isArray(list)) {
    if (!list.includes(processor)) list.push(processor);
    return true;
  }
  if (typeof provider.addSpanProcessor !== "function") return false;
  provider.addSpanProcessor(processor);
  return true;
}

/**
 * What is wrong when two copies of `@opentelemetry/api` cannot see each other's providers, so that spans
 * of one vanish without a word; absent where all is well.
 */
export function splitApi(): string | undefined {
  const registered = (globalThis as { [key: symbol]: unknown })[
    Symbol.for("opentelemetry.js.api.1")
  ] as { readonly version?: string; readonly trace?: TracerProvider } | undefined;
  if (registered?.trace === undefined || trace.getTracerProvider() === registered.trace) {
    return undefined;
  }
  return `The program registered its tracer provider through @opentelemetry/api ${registered.version}, which the copy that Assay uses cannot see, so spans made through it do not reach Assay. Install one version of @opentelemetry/api: npm ls @opentelemetry/api`;
}
