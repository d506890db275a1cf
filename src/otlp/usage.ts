import { addUsage, type Span, type SpanType, type Usage, withoutAbsent } from "../core/index.ts";
import { ancestorsOf, spansById } from "./ancestors.ts";
import { ATTRIBUTES } from "./vocabulary.ts";

const MODEL_CALLS: readonly SpanType[] = ["CHAT_MODEL", "LLM", "EMBEDDING"];

/** What of a span its usage is known from. */
export type UsageSpan = Pick<Span, "spanId" | "parentSpanId" | "type" | "attributes">;

/** What one span says it used; an empty object when it says nothing. */
export function usageOfSpan(span: Pick<Span, "attributes">): Usage {
  const count = (name: string) => {
    const value = span.attributes[name];
    return typeof value === "number" ? value : undefined;
  };
  return withoutAbsent<Usage>({
    inputTokens: count(ATTRIBUTES.inputTokens),
    outputTokens: count(ATTRIBUTES.outputTokens),
    cost: count(ATTRIBUTES.cost),
  });
}

/**
 * Usage of a whole trace, summed over the outermost model calls only: a framework's span and the
 * SDK's span inside it report the same tokens, and agents repeat the sum of their calls.
 */
export function usageOfTrace(spans: readonly UsageSpan[]): Usage {
  const isCall = (span: UsageSpan) =>
    MODEL_CALLS.includes(span.type) && Object.keys(usageOfSpan(span)).length > 0;
  if (!spans.some(isCall)) return {};
  const byId = spansById(spans);
  return spans
    .filter((span) => isCall(span) && ![...ancestorsOf(span, byId)].some(isCall))
    .reduce<Usage>((total, span) => addUsage(total, usageOfSpan(span)), {});
}
