import { sql } from "kysely";
import { type Usage, withoutAbsent } from "../../core/index.ts";

interface UsageColumns {
  input_tokens: number | null;
  output_tokens: number | null;
  cost: number | null;
}

/** What is no number is not known; tokens are whole. */
export function usageColumns({ inputTokens, outputTokens, cost }: Usage = {}): UsageColumns {
  const known = (value: number | undefined) =>
    value !== undefined && Number.isFinite(value) ? value : undefined;
  const whole = (value: number | undefined) => {
    const count = known(value);
    return count === undefined ? null : Math.round(count);
  };
  return {
    input_tokens: whole(inputTokens),
    output_tokens: whole(outputTokens),
    cost: known(cost) ?? null,
  };
}

export function toUsage(row: UsageColumns): Usage {
  return withoutAbsent<Usage>({
    inputTokens: row.input_tokens ?? undefined,
    outputTokens: row.output_tokens ?? undefined,
    cost: row.cost ?? undefined,
  });
}

/** SUM over no reported value is NULL: unknown stays unknown. */
export const USAGE_SUMS = [
  sql<number | null>`sum(input_tokens)`.as("input_tokens"),
  sql<number | null>`sum(output_tokens)`.as("output_tokens"),
  sql<number | null>`sum(cost)`.as("cost"),
] as const;
