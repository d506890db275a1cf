import type { CallEstimate, Row } from "../core/index.ts";
import {
  ANSWER_TOKENS,
  isEndpointUri,
  type PriceOf,
  parseModelUri,
  priceOf,
} from "../models/index.ts";
import type { Plan } from "./plan.ts";
import { toSample } from "./sample.ts";

/** Rows that an estimate looks at. */
const ROWS = 200;

/** What an evaluation is expected to call and to cost. */
export interface CostEstimate {
  readonly rows: number;
  readonly modelCalls: number;
  readonly judgeCalls: number;
  /** US dollars; of the calls whose price is known. Absent when none has a price. */
  readonly cost?: number;
  /** Models whose calls are not in `cost`: they have no known price. */
  readonly withoutPrice: readonly string[];
  /** How many rows the tokens were estimated from. */
  readonly rowsSeen: number;
}

/**
 * What a plan would call and cost, from the texts of its first rows: four characters make a token, an
 * answer takes `maxTokens` or 256, a verdict 100. Kept answers may make it cheaper. Reads all rows once.
 */
export async function estimateCost(plan: Plan): Promise<CostEstimate> {
  const calls = new Map<string, { inputTokens: number; outputTokens: number }>();
  let rows = 0;
  let rowsSeen = 0;
  let judgeCallsSeen = 0;
  for await (const row of plan.source.rows()) {
    rows += 1;
    if (rows > ROWS) continue;
    rowsSeen += 1;
    const judged = judgeEstimates(plan, row);
    judgeCallsSeen += judged.length;
    const model = plan.predictor?.estimate?.(row);
    for (const call of model === undefined ? judged : [model, ...judged]) add(calls, call);
  }
  const repeated = (rows / Math.max(1, rowsSeen)) * plan.trials;
  const withoutPrice: string[] = [];
  let cost: number | undefined;
  for (const [uri, used] of calls) {
    const price = (await priceOfUri(plan, uri))(used);
    if (price === undefined) withoutPrice.push(uri);
    else cost = (cost ?? 0) + price * repeated;
  }
  return {
    rows,
    modelCalls: plan.predictor === undefined ? 0 : rows * plan.trials,
    judgeCalls: Math.round(judgeCallsSeen * repeated),
    ...(cost !== undefined && { cost }),
    withoutPrice,
    rowsSeen,
  };
}

/**
 * URIs of the models whose calls a limit on costs could not count, judged by the first row.
 *
 * @param first - The first row of the data.
 */
export async function modelsWithoutPrice(plan: Plan, first: Row): Promise<string[]> {
  const model = plan.predictor?.estimate?.(first);
  const calls = [...(model === undefined ? [] : [model]), ...judgeEstimates(plan, first)];
  const uris = [...new Set(calls.map((call) => call.model))];
  const prices = await Promise.all(uris.map((uri) => priceOfUri(plan, uri)));
  const used = { inputTokens: 1, outputTokens: 1 };
  return uris.filter((_, at) => prices[at]?.(used) === undefined);
}

/** What the judges would ask about a row; where there is no answer yet, one of usual length stands in for it. */
function judgeEstimates({ scorers }: Plan, row: Row): CallEstimate[] {
  const outputs = row.outputs ?? "x".repeat(ANSWER_TOKENS * 4);
  const sample = toSample({ row, trial: 0 }, outputs);
  return scorers.flatMap(({ scorer }) => [scorer.estimate?.(sample) ?? []].flat());
}

function add(
  calls: Map<string, { inputTokens: number; outputTokens: number }>,
  { model, inputTokens, outputTokens }: CallEstimate,
): void {
  const sum = calls.get(model) ?? { inputTokens: 0, outputTokens: 0 };
  sum.inputTokens += inputTokens;
  sum.outputTokens += outputTokens;
  calls.set(model, sum);
}

/** The embedded baselines cost nothing. */
async function priceOfUri({ options }: Plan, uri: string): Promise<PriceOf> {
  if (isEndpointUri(uri)) {
    return priceOf({ uri, provider: "endpoint", model: uri, prices: options.prices });
  }
  const { provider, model } = parseModelUri(uri);
  if (provider === "offline") return () => 0;
  return priceOf({ uri, provider, model, prices: options.prices });
}
