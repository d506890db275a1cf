import { type Span, type SpanType, withoutAbsent } from "../core/index.ts";
import { ATTRIBUTES } from "../otlp/index.ts";

/** A model call as its span tells of it. */
export interface PricedCall {
  readonly provider: string;
  readonly model: string;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cacheReadTokens?: number;
  readonly cacheWriteTokens?: number;
}

/** US dollars of a call; absent where the price is not known. At once where the model's is known already. */
export type PriceLookup = (call: PricedCall) => Promise<number | undefined> | number | undefined;

let lookup: PriceLookup | undefined;

/** Set by the public entries: tracing itself knows no prices. */
export function setPricing(given: PriceLookup): void {
  lookup = given;
}

const MODEL_CALLS: readonly SpanType[] = ["CHAT_MODEL", "LLM", "EMBEDDING"];

export function hasUnpriced(spans: readonly Span[]): boolean {
  return lookup !== undefined && spans.some(isUnpriced);
}

/** The spans, with what their model calls cost by the price table where they do not say it themselves. */
export async function withCosts(spans: readonly Span[]): Promise<readonly Span[]> {
  return Promise.all(
    spans.map(async (span) => {
      if (!isUnpriced(span)) return span;
      const found = lookup?.(callOf(span));
      const cost = found instanceof Promise ? await found : found;
      if (cost === undefined) return span;
      return { ...span, attributes: { ...span.attributes, [ATTRIBUTES.cost]: cost } };
    }),
  );
}

function isUnpriced({ type, attributes }: Span): boolean {
  if (!MODEL_CALLS.includes(type) || attributes[ATTRIBUTES.cost] !== undefined) return false;
  return (
    typeof (attributes[ATTRIBUTES.inputTokens] ?? attributes[ATTRIBUTES.outputTokens]) === "number"
  );
}

function callOf({ attributes }: Span): PricedCall {
  const count = (name: string) => {
    const value = attributes[name];
    return typeof value === "number" ? value : undefined;
  };
  return withoutAbsent<PricedCall>({
    provider: String(attributes[ATTRIBUTES.provider] ?? ""),
    model: String(
      attributes[ATTRIBUTES.responseModel] ?? attributes[ATTRIBUTES.requestModel] ?? "",
    ),
    inputTokens: count(ATTRIBUTES.inputTokens),
    outputTokens: count(ATTRIBUTES.outputTokens),
    cacheReadTokens: count(ATTRIBUTES.cacheReadTokens),
    cacheWriteTokens: count(ATTRIBUTES.cacheWriteTokens),
  });
}
