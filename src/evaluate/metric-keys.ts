import { type Aggregation, AssayError, type Scorer, scorerKey } from "../core/index.ts";

/** One metric that a scorer gives, under MLflow's key. */
export interface MetricKey {
  readonly key: string;
  readonly aggregation: Aggregation;
}

/** `relevance/v1/mean`, `precision_at_3/mean`; `exact_match/v1` for a scorer whose mean stands bare. */
export function metricKeys({ scorer }: Scorer): MetricKey[] {
  const aggregations: readonly Aggregation[] =
    scorer.aggregations ?? (scorer.version === undefined ? ["mean"] : ["mean", "variance", "p90"]);
  return aggregations.map((aggregation) => {
    const name = typeof aggregation === "string" ? aggregation : aggregation.name;
    if (name === "") {
      throw new AssayError(
        "invalid-argument",
        `An aggregation of ${scorer.name} is a function without a name`,
      );
    }
    const isBare = scorer.bareMean === true && name === "mean";
    return { key: isBare ? scorerKey(scorer) : `${scorerKey(scorer)}/${name}`, aggregation };
  });
}
