import {
  type Aggregation,
  AssayError,
  type Reduction,
  type Scorer,
  scorerKey,
} from "../core/index.ts";
import { checkKey } from "../store/limits.ts";
import { columnKeys } from "./column-metrics.ts";
import { reductionsOf, type TrialOptions } from "./reduce-trials.ts";

/** What a gate may name. */
interface GateKey {
  readonly key: string;
  /** Another name that gates may use for it. */
  readonly alias?: string;
}

/** One metric that a scorer gives, under MLflow's key. */
interface MetricKey extends GateKey {
  readonly aggregation: Aggregation;
}

/** Metrics of the model's calls, beside those of scorers. */
export const LATENCY_METRICS = { mean: "latency/mean", p90: "latency/p90" } as const;
export const COST_METRIC = "cost/total";

/** `relevance/v1/mean`, `precision_at_3/mean`; `exact_match/v1` for a scorer whose mean stands bare. */
export function metricKeys({ scorer }: Scorer): MetricKey[] {
  const aggregations: readonly Aggregation[] =
    scorer.aggregations ?? (scorer.version === undefined ? ["mean"] : ["mean", "variance", "p90"]);
  const keys = aggregations.map((aggregation): MetricKey => {
    const name = typeof aggregation === "string" ? aggregation : aggregation.name;
    if (name === "") {
      throw new AssayError(
        "invalid-argument",
        `An aggregation of ${scorer.name} is a function without a name`,
      );
    }
    const key = `${scorerKey(scorer)}/${name}`;
    // Now, not when everything was paid for.
    checkKey(key, "metric");
    const isBare = scorer.bareMean === true && name === "mean";
    return isBare ? { key: scorerKey(scorer), alias: key, aggregation } : { key, aggregation };
  });
  const twice = keys.find(({ key }, index) => keys.findIndex((other) => other.key === key) < index);
  if (twice === undefined) return keys;
  throw new AssayError("invalid-argument", `Two aggregations of ${scorer.name} give ${twice.key}`);
}

/** One metric that a scorer gives by way of its trials. */
interface ReducedKey extends GateKey {
  readonly reduction: Reduction;
}

/** `relevance/v1/pass_at_3`, `relevance/v1/trials_max`. */
export function reducedKeys(scorer: Scorer, options: TrialOptions): ReducedKey[] {
  return reductionsOf(scorer, options).map((reduction) => {
    const key = `${scorerKey(scorer.scorer)}/${reduction.key}`;
    checkKey(key, "metric");
    return { key, reduction };
  });
}

/** `preference/v1/flip_rate`: the mean of a part. */
export function partKeys({ scorer }: Scorer): { readonly part: string; readonly key: string }[] {
  return (scorer.partMetrics ?? []).map((part) => {
    const key = `${scorerKey(scorer)}/${part}`;
    checkKey(key, "metric");
    return { part, key };
  });
}

/** Every metric that a scorer may give: aggregations of its scores, parts and trials, and those of all rows together. */
export function gateKeys(scorer: Scorer, options: TrialOptions): GateKey[] {
  const corpus = [...(scorer.scorer.corpus?.keys ?? []), ...columnKeys(scorer)];
  for (const key of corpus) checkKey(key, "metric");
  return [
    ...metricKeys(scorer),
    ...reducedKeys(scorer, options),
    ...partKeys(scorer),
    ...corpus.map((key) => ({ key })),
  ];
}
