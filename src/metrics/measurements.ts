import { defineScorer, type Scorer, type ScorerInput } from "../core/score.ts";
import { notApplicable } from "./not-applicable.ts";

/** Seconds that the model took for the row; of the trace where the call itself was not timed. */
export function latencySeconds(): Scorer {
  return measurement("latency_seconds", "the model's time", ({ latencyMs, trace }) => {
    const ms = latencyMs ?? trace?.info.durationMs;
    return ms === undefined ? undefined : ms / 1000;
  });
}

/** Tokens that the model read for the row, as its provider counted them. */
export function inputTokens(): Scorer {
  return measurement("input_tokens", "input tokens", (sample) => usageOf(sample).inputTokens);
}

/** Tokens that the model wrote for the row, as its provider counted them. */
export function outputTokens(): Scorer {
  return measurement("output_tokens", "output tokens", (sample) => usageOf(sample).outputTokens);
}

/** Tokens read and written for the row; not measured where either is not. */
export function totalTokens(): Scorer {
  return measurement("total_tokens", "input and output tokens", (sample) => {
    const { inputTokens: read, outputTokens: written } = usageOf(sample);
    return read === undefined || written === undefined ? undefined : read + written;
  });
}

/** US dollars that the model cost for the row. */
export function costUsd(): Scorer {
  return measurement("cost_usd", "a cost", (sample) => usageOf(sample).cost);
}

function usageOf({ usage, trace }: ScorerInput) {
  return usage ?? trace?.info.usage ?? {};
}

/** A number of the call rather than of its answer, not applicable where it was not measured. */
function measurement(
  name: string,
  what: string,
  read: (sample: ScorerInput) => number | undefined,
): Scorer {
  return defineScorer(
    {
      name,
      aggregations: ["mean", "variance", "p90"],
      greaterIsBetter: false,
      source: { kind: "code" },
      isImmediate: true,
      fingerprint: name,
    },
    (sample) => read(sample) ?? notApplicable(`${name} needs ${what}; none was measured`),
  );
}
