import { setTimeout as delay } from "node:timers/promises";
import { context, createContextKey } from "@opentelemetry/api";
import { AssayError, type Trace } from "../core/index.ts";
import { type OtlpDialect, writeOtlpJson, writeOtlpProtobuf } from "../otlp/index.ts";

/** As OpenTelemetry names them in `OTEL_EXPORTER_OTLP_PROTOCOL`. */
export const OTLP_PROTOCOLS = ["http/protobuf", "http/json"] as const;

export type OtlpProtocol = (typeof OTLP_PROTOCOLS)[number];

export interface OtlpOptions {
  /** Where to post to, e.g. `http://collector:4318/v1/traces`. */
  readonly url: string;
  readonly headers?: { readonly [name: string]: string };
  /** Default `http/protobuf`, which every receiver takes; some take no JSON. */
  readonly protocol?: OtlpProtocol;
  /** Other vocabularies to write spans in as well. */
  readonly dialects?: readonly OtlpDialect[];
  /** True for a program whose traces go there instead of into a store. Default false: to both. */
  readonly only?: boolean;
}

// The key that OpenTelemetry's own `suppressTracing` sets; keys are global by their description.
const SUPPRESS_TRACING = createContextKey("OpenTelemetry SDK Context Key SUPPRESS_TRACING");

const ATTEMPTS = 4;
const TIMEOUT_MS = 30_000;
const RETRIED: readonly number[] = [429, 502, 503, 504];

/**
 * Posts a trace. What an overloaded or absent receiver does not take is sent again, after the
 * time that it asks for.
 *
 * @throws {AssayError} `unavailable` when it is not taken after four attempts, or refused.
 */
export async function exportOtlp(
  { spans }: Trace,
  { url, headers, protocol = "http/protobuf", dialects = [] }: OtlpOptions,
  wait: (ms: number) => Promise<unknown> = delay,
): Promise<void> {
  if (spans.length === 0) return;
  const isJson = protocol === "http/json";
  const contentType = isJson ? "application/json" : "application/x-protobuf";
  const request = {
    method: "POST",
    headers: { "content-type": contentType, ...headers },
    body: isJson
      ? JSON.stringify(writeOtlpJson(spans, dialects))
      : writeOtlpProtobuf(spans, dialects),
  };
  let problem = "";
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    // The program's own instrumentation of HTTP must not trace this.
    const response = await context.with(context.active().setValue(SUPPRESS_TRACING, true), () =>
      fetch(url, { ...request, signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(
        (error: Error) => error,
      ),
    );
    if (response instanceof Response) {
      await response.body?.cancel();
      if (response.ok) return;
      problem = `HTTP ${response.status}`;
      if (!RETRIED.includes(response.status)) break;
    } else problem = response.name;
    const asked = response instanceof Response ? Number(response.headers.get("retry-after")) : 0;
    if (attempt < ATTEMPTS - 1)
      await wait(Math.min(asked * 1000 || 500 * 2 ** attempt, TIMEOUT_MS));
  }
  const { origin } = new URL(url);
  throw new AssayError(
    "unavailable",
    `The OTLP receiver at ${origin} did not take a trace: ${problem}`,
  );
}
