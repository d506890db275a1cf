import { addUsage, type Span, type SpanType, type Usage, withoutAbsent } from "../core/index.ts";
import { ancestorsOf, spansById } from "./ancestors.ts";
import { ATTRIBUTES } from "./vocabulary.ts";

const MODEL_CALLS: readonly SpanType[] = ["CHAT_MODEL", "LLM", "EMBEDDING"];

/** What of a span its usage is known from. */
export type UsageSpan = Pick<Span, "spanId" | "parentSpanId" | "type" | "attributes">;

/** What one span says it used; an empty object when it says nothing. */
export function usageOfSpan({ attributes }: Pick<Span, "attributes">): Usage {
  if (!saysUsage(attributes)) return {};
  const count = (name: string) => {
    const value = attributes[name];
    return typeof value === "number" ? value : undefined;
  };
  return withoutAbsent<Usage>({
    inputTokens: count(ATTRIBUTES.inputTokens),
    outputTokens: count(ATTRIBUTES.outputTokens),
    cost: count(ATTRIBUTES.cost),
  });
}

/** Most spans do not. */
function saysUsage(attributes: Span["attributes"]): boolean {
  return (
    typeof attributes[ATTRIBUTES.inputTokens] === "number" ||
    typeof attributes[ATTRIBUTES.outputTokens] === "number" ||
    typeof attributes[ATTRIBUTES.cost] === "number"
  );
}

/**
 * Usage of a whole trace, summed over the outermost model calls only: a framework's span and the
 * SDK's span inside it report the same tokens, and agents repeat the sum of their calls.
 */
export function usageOfTrace(spans: readonly UsageSpan[]): Usage {
  const isCall = ({ type, attributes }: UsageSpan) =>
    MODEL_CALLS.includes(type) && saysUsage(attributes);
  const calls = spans.filter(isCall);
  const [only] = calls;
  if (only === undefined) return {};
  if (calls.length === 1) return usageOfSpan(only);
  const byId = spansById(spans);
  return calls
    .filter((span) => ![...ancestorsOf(span, byId)].some(isCall))
    .reduce<Usage>((total, span) => addUsage(total, usageOfSpan(span)), {});
}
