import {
  AGGREGATION_NAMES,
  type ScorerOptions,
  scorerKey,
  withoutAbsent,
} from "../../core/index.ts";
import type { GateCatalog, GateMetric, GateScorer } from "../../gates/index.ts";

/** A scorer as it is planned or stored. */
export type ScorerRecord = Pick<
  ScorerOptions,
  "name" | "version" | "scale" | "greaterIsBetter" | "fingerprint" | "aspects" | "source"
>;

/** A metric that is computed anyhow. */
export interface DeclaredMetric {
  readonly key: string;
  readonly alias?: string;
  /** Of a scorer's scores, by name; absent for others. */
  readonly aggregation?: string;
}

/**
 * What gates can name: what is computed anyhow, and any built-in aggregation of any scorer, which is computed
 * when a gate asks for it.
 *
 * @param others - Metrics that belong to no scorer: latency, cost.
 */
export function gateCatalog(
  scorers: readonly {
    readonly scorer: ScorerRecord;
    readonly declared: readonly DeclaredMetric[];
  }[],
  others: readonly string[],
): GateCatalog {
  const known = scorers.map(({ scorer }) => gateScorer(scorer));
  const metrics = scorers.flatMap(({ scorer, declared }, index) => {
    const of = known[index] as GateScorer;
    const named = declared.map(({ key, alias, aggregation }) =>
      withoutAbsent<GateMetric>({
        key,
        aliases: alias === undefined ? undefined : [alias],
        scorer: of,
        aggregation,
      }),
    );
    const computed = AGGREGATION_NAMES.filter(
      (name) => !declared.some(({ aggregation }) => aggregation === name),
    ).map(
      (aggregation): GateMetric => ({
        key: `${scorerKey(scorer)}/${aggregation}`,
        scorer: of,
        aggregation,
      }),
    );
    return [...named, ...computed.filter(({ key }) => !named.some((one) => one.key === key))];
  });
  return { metrics: [...metrics, ...others.map((key) => ({ key }))], scorers: known };
}

function gateScorer(scorer: ScorerRecord): GateScorer {
  const { name, scale, greaterIsBetter, fingerprint, aspects } = scorer;
  return withoutAbsent<GateScorer>({
    name,
    key: scorerKey(scorer),
    scale,
    greaterIsBetter,
    fingerprint,
    aspects,
  });
}
