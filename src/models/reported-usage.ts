import { type Usage, withoutAbsent } from "../core/index.ts";
import type { PriceOf } from "./prices.ts";

/** Tokens as a provider reports them; absent for what is no count. Some servers send null, texts or -1. */
export function tokenCount(reported: unknown): number | undefined {
  return typeof reported === "number" && Number.isSafeInteger(reported) && reported >= 0
    ? reported
    : undefined;
}

/** What is known of a call's usage; absent where that is nothing. A part of the tokens tells no cost. */
export function knownUsage(
  tokens: Parameters<PriceOf>[0],
  priceOf: PriceOf | undefined,
): Usage | undefined {
  const { inputTokens, outputTokens } = tokens;
  const isWhole = inputTokens !== undefined && outputTokens !== undefined;
  const cost = isWhole ? priceOf?.(tokens) : undefined;
  const known = withoutAbsent<Usage>({ inputTokens, outputTokens, cost });
  return Object.keys(known).length === 0 ? undefined : known;
}
