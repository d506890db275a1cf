import type { CallEstimate, Row } from "../core/index.ts";
import {
  ANSWER_TOKENS,
  isEndpointUri,
  type PriceOf,
  parseModelUri,
  priceOf,
} from "../models/index.ts";
import { leftToDo } from "./left-to-do.ts";
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
 *
 * @param runId - The run that would go on: what it has is left out.
 */
export async function estimateCost(plan: Plan, runId?: string): Promise<CostEstimate> {
  const leftOf = await leftToDo(plan, runId);
  const asking = new Outlook();
  const judging = new Outlook();
  let rows = 0;
  let rowsSeen = 0;
  for await (const row of plan.source.rows()) {
    rows += 1;
    const left = leftOf(row);
    asking.trials += left.asked;
    judging.trials += left.scored;
    if (left.scored === 0 || rowsSeen === ROWS) continue;
    rowsSeen += 1;
    asking.look([plan.predictor?.estimate?.(row) ?? []].flat(), left.asked);
    judging.look(judgeEstimates(plan, row), left.scored);
  }
  const withoutPrice = new Set<string>();
  let cost: number | undefined;
  for (const outlook of [asking, judging]) {
    for (const [uri, used] of outlook.calls) {
      const price = (await priceOfUri(plan, uri))(used);
      if (price === undefined) withoutPrice.add(uri);
      else cost = (cost ?? 0) + price * outlook.factor;
    }
  }
  return {
    rows,
    modelCalls: plan.predictor === undefined ? 0 : asking.trials,
    judgeCalls: Math.round(judging.callsSeen * judging.factor),
    ...(cost !== undefined && { cost }),
    withoutPrice: [...withoutPrice],
    rowsSeen,
  };
}

/** Calls of the rows that were looked at, which speak for all trials that are left. */
class Outlook {
  readonly calls = new Map<string, { inputTokens: number; outputTokens: number }>();
  callsSeen = 0;
  trials = 0;
  #trialsSeen = 0;

  look(calls: readonly CallEstimate[], trials: number): void {
    this.#trialsSeen += trials;
    this.callsSeen += calls.length * trials;
    for (const { model, inputTokens, outputTokens } of calls) {
      const sum = this.calls.get(model) ?? { inputTokens: 0, outputTokens: 0 };
      sum.inputTokens += inputTokens * trials;
      sum.outputTokens += outputTokens * trials;
      this.calls.set(model, sum);
    }
  }

  get factor(): number {
    return this.trials / Math.max(1, this.#trialsSeen);
  }
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

/** The embedded baselines cost nothing. */
async function priceOfUri({ options }: Plan, uri: string): Promise<PriceOf> {
  if (isEndpointUri(uri)) {
    return priceOf({ uri, provider: "endpoint", model: uri, prices: options.prices });
  }
  const { provider, model } = parseModelUri(uri);
  if (provider === "offline") return () => 0;
  return priceOf({ uri, provider, model, prices: options.prices });
}
