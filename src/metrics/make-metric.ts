import type { ColumnResult, MetricColumns } from "../core/column-metric.ts";
import { AssayError } from "../core/errors.ts";
import type { JsonValue } from "../core/json.ts";
import { defineScorer, type Scorer, type ScorerOptions } from "../core/score.ts";

type Value = number | boolean | string | null;

/** MLflow's `MetricValue`: scores per row, aggregates, or both. */
export interface MetricValue {
  readonly scores?: readonly Value[] | null;
  readonly justifications?: readonly (string | null)[] | null;
  /** By name; default, for scores that are numbers: mean, variance and p90. */
  readonly aggregateResults?: { readonly [name: string]: number } | null;
  /** MLflow's spelling of `aggregateResults`. */
  readonly aggregate_results?: { readonly [name: string]: number } | null;
}

/**
 * A function over columns, as MLflow's `eval_fn`: one prediction and one target per row, and the metrics of
 * the run so far. `inputs` has the input columns that were asked for. A plain number is the metric; null, or
 * nothing, is no metric: it does not apply to any row.
 */
export type EvalFunction = (
  predictions: readonly JsonValue[],
  targets: readonly JsonValue[],
  metrics: { readonly [key: string]: number },
  inputs: { readonly [name: string]: readonly JsonValue[] },
) => MetricValue | number | null | undefined | Promise<MetricValue | number | null | undefined>;

export interface MakeMetricOptions {
  readonly evalFn: EvalFunction;
  readonly greaterIsBetter: boolean;
  /** Default: the name of the function. */
  readonly name?: string;
  readonly version?: string;
  /** Names of the inputs that `evalFn` reads. */
  readonly inputs?: readonly string[];
  /** Names of the aggregates that it gives, for gates; the number alone, mean, variance and p90 are known. */
  readonly aggregates?: readonly string[];
  /** Lowest and highest possible score: intervals of a bounded mean need it. */
  readonly scale?: ScorerOptions["scale"];
}

/**
 * MLflow's `make_metric`: a metric whose function sees all rows at once, as columns. It is computed at the
 * end of a run, with the columns in memory; a scorer sees one row at a time and needs none.
 *
 * @throws {AssayError} `invalid-argument` without a function, or without a name for it.
 */
export function makeMetric(options: MakeMetricOptions): Scorer {
  const { evalFn, greaterIsBetter, version, scale, inputs = [], aggregates = [] } = options;
  if (typeof evalFn !== "function") {
    throw new AssayError("invalid-argument", "makeMetric needs `evalFn`, a function over columns");
  }
  const name = options.name ?? evalFn.name;
  if (name === "" || name === "evalFn") {
    throw new AssayError(
      "invalid-argument",
      "makeMetric needs a `name`: the function that it was given has none",
    );
  }
  const compute = async ({ predictions, targets, metrics, inputs }: MetricColumns) =>
    toResult(await evalFn(predictions, targets, metrics, inputs), name, predictions.length);
  return defineScorer(
    {
      name,
      aggregations: ["mean", "variance", "p90"],
      greaterIsBetter,
      source: { kind: "code" },
      columns: { inputs, aggregates, compute },
      ...(version !== undefined && { version }),
      ...(scale !== undefined && { scale }),
    },
    async ({ output, expected = null, inputs: given }) => {
      const columns = inputs.map((column) => [column, [memberOf(given, column)]]);
      const { scores, aggregates } = await compute({
        predictions: [output],
        targets: [expected],
        metrics: {},
        inputs: Object.fromEntries(columns),
      });
      return scores?.[0] ?? aggregates?.[name] ?? null;
    },
  );
}

function memberOf(inputs: JsonValue, name: string): JsonValue {
  if (typeof inputs !== "object" || inputs === null || Array.isArray(inputs)) return null;
  return (inputs as { readonly [name: string]: JsonValue })[name] ?? null;
}

/** @throws TypeError for what is neither a number nor a metric value, or has another number of scores. */
function toResult(
  value: MetricValue | number | null | undefined,
  name: string,
  rows: number,
): ColumnResult {
  if (value === null || value === undefined) return { scores: Array(rows).fill(null) };
  if (typeof value === "number") return { aggregates: { [name]: value } };
  if (typeof value !== "object") {
    throw new TypeError(`expected a number or { scores, aggregateResults }, got ${typeof value}`);
  }
  const { scores, justifications } = value;
  const aggregates = value.aggregateResults ?? value.aggregate_results;
  for (const [what, list] of Object.entries({ scores, justifications })) {
    if (list === null || list === undefined || list.length === rows) continue;
    throw new TypeError(`expected ${rows} ${what}, one per prediction, got ${list.length}`);
  }
  return {
    ...(scores && { scores }),
    ...(justifications && { justifications }),
    ...(aggregates && { aggregates }),
  };
}
