import {
  type Attributes,
  context,
  createContextKey,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import {
  describeError,
  isAssayError,
  TRACER_KEY_DESCRIPTION,
  withoutAbsent,
} from "../core/index.ts";
import type { ChatModel, ChatRequest, ChatResponse } from "./chat-model.ts";

// The key that OpenTelemetry's own `suppressTracing` sets; keys are global by their description.
const SUPPRESS_TRACING = createContextKey("OpenTelemetry SDK Context Key SUPPRESS_TRACING");

const TRACER = createContextKey(TRACER_KEY_DESCRIPTION);

/**
 * Runs one model call in a span `chat <model>`, with the names of the GenAI semantic conventions.
 *
 * Instrumentation of the SDK or of HTTP below it is silenced: the same call recorded twice would
 * count its tokens twice.
 */
export function withChatSpan(
  model: Pick<ChatModel, "provider" | "model">,
  request: ChatRequest,
  call: () => Promise<ChatResponse>,
): Promise<ChatResponse> {
  const span = activeTracer().startSpan(`chat ${model.model}`, {
    kind: SpanKind.CLIENT,
    attributes: requestAttributes(model, request),
  });
  const inside = trace.setSpan(context.active(), span).setValue(SUPPRESS_TRACING, true);
  return context.with(inside, async () => {
    try {
      const response = await call();
      span.setAttributes(responseAttributes(response));
      return response;
    } catch (error) {
      recordFailure(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Assay's own inside a span of Assay, so that the call joins its trace; else the program's. */
function activeTracer(): Tracer {
  return (context.active().getValue(TRACER) as Tracer | undefined) ?? trace.getTracer("assay");
}

function requestAttributes(
  { provider, model }: Pick<ChatModel, "provider" | "model">,
  { messages, parameters = {}, responseSchema }: ChatRequest,
): Attributes {
  return withoutAbsent<Attributes>({
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": provider,
    "gen_ai.request.model": model,
    "gen_ai.request.temperature": parameters.temperature,
    "gen_ai.request.top_p": parameters.topP,
    "gen_ai.request.max_tokens": parameters.maxTokens,
    "gen_ai.request.seed": parameters.seed,
    "gen_ai.request.stop_sequences": parameters.stop && [...parameters.stop],
    "gen_ai.output.type": responseSchema && "json",
    "gen_ai.input.messages": JSON.stringify(
      messages.map(({ role, content }) => ({ role, parts: [{ type: "text", content }] })),
    ),
  });
}

function responseAttributes({
  text,
  refusal,
  model,
  finishReason,
  usage,
}: ChatResponse): Attributes {
  const content = text === "" && refusal !== undefined ? refusal : text;
  const output = {
    role: "assistant",
    parts: [{ type: "text", content }],
    // Required by the schema of this attribute, though deprecated for the attribute below.
    finish_reason: finishReason ?? "unknown",
  };
  return withoutAbsent<Attributes>({
    "gen_ai.response.model": model,
    "gen_ai.response.finish_reasons": finishReason === undefined ? undefined : [finishReason],
    "gen_ai.usage.input_tokens": usage?.inputTokens,
    "gen_ai.usage.output_tokens": usage?.outputTokens,
    // Where the store looks for what a call cost; the conventions have no name for it.
    "assay.cost.total": usage?.cost,
    "gen_ai.output.messages": JSON.stringify([output]),
  });
}

function recordFailure(span: Span, error: unknown): void {
  const type = isAssayError(error) ? error.code : error instanceof Error ? error.name : "unknown";
  span.setAttribute("error.type", type);
  span.setStatus({ code: SpanStatusCode.ERROR, message: describeError(error) });
}
