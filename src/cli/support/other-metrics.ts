import type { EvaluateResult } from "../../evaluate/index.ts";
import { metricText } from "./format.ts";
import { line, type Output } from "./io.ts";
import { completeMetrics } from "./output-files.ts";
import { renderTable } from "./table.ts";

type Outcome = Pick<EvaluateResult, "summaries" | "incompleteScorers" | "incompleteMetrics">;

/** What every scorer has beside its mean, unless others are asked for, and what every run has. */
const EVERYDAY = /\/(?:variance|p90)$|^latency\/mean$/;

/**
 * The metrics that are no mean of a scorer, which the summaries show: reductions of trials, corpus
 * metrics and, unless `isBrief`, percentiles and variances.
 */
export function printOtherMetrics(
  metrics: { readonly [key: string]: number },
  outcome: Outcome,
  out: Output,
  { isBrief = false } = {},
): void {
  const means = new Set(Object.keys(outcome.summaries).flatMap((key) => [key, `${key}/mean`]));
  const others = Object.entries(completeMetrics(metrics, outcome)).filter(
    ([key]) => !means.has(key) && !(isBrief && EVERYDAY.test(key)),
  );
  if (others.length === 0) return;
  const cells = others.map(([key, value]) => [key, metricText(key, value)]);
  const columns = [{ title: "metric" }, { title: "value", align: "right" as const }];
  line(out);
  for (const row of renderTable(columns, cells, out.columns)) line(out, row);
}
