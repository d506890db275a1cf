import { AssayError, type Row, type Scorer, scorerKey } from "../core/index.ts";
import { openSource, type RowSource } from "../datasets/index.ts";
import { type Gate, parseGate } from "../gates/index.ts";
import { defaultScorers } from "../metrics/index.ts";
import { metricKeys } from "./metric-keys.ts";
import type { EvaluateOptions } from "./options.ts";
import { openPredictor, type Predictor } from "./predictor.ts";
import { toScorer } from "./to-scores.ts";

/** Everything an evaluation needs, found good before anything is stored or paid for. */
export interface Plan {
  readonly name: string;
  readonly source: RowSource;
  /** Absent for a stream, whose length only its end tells. */
  readonly rows?: number;
  readonly digest?: string;
  readonly trials: number;
  /** Absent for a static dataset. */
  readonly predictor?: Predictor;
  readonly scorers: readonly Scorer[];
  readonly gates: readonly Gate[];
  readonly concurrency: number;
  readonly maxFailed: number;
  readonly notes: readonly string[];
  readonly options: EvaluateOptions;
}

/** @throws {AssayError} `invalid-argument` or `configuration`: whatever is wrong with the options or the data. */
export async function planEvaluation(options: EvaluateOptions): Promise<Plan> {
  const trials = wholeNumber("trials", options.trials ?? 1);
  const concurrency = wholeNumber("concurrency", options.concurrency ?? 8);
  const limit = options.limit === undefined ? undefined : wholeNumber("limit", options.limit);
  const maxFailed = share("maxFailed", options.maxFailed ?? 0.02);
  const gates = (options.gates ?? []).map(parseGate);
  const explicit = [...(options.extraMetrics ?? []), ...(options.scorers ?? [])].map(toScorer);
  const defaults = options.modelType === undefined ? [] : defaultScorers(options.modelType);
  const source = await openSource(options.data, options);
  const summary = await source.inspect();
  const first = summary?.first;
  const { kept, notes } = feedable(withoutOverridden(defaults, explicit), explicit, first);
  if (kept.length === 0) {
    throw new AssayError(
      "invalid-argument",
      `There is nothing to measure: give extraMetrics (--judge), or modelType with targets (--targets). ${notes.join("; ")}`.trim(),
    );
  }
  const predictor = await openPredictor(modelOf(options), options);
  if (first !== undefined) checkFirstRow(first, predictor);
  checkGates(gates, kept);
  for (const { scorer } of kept) {
    await scorer.prepare?.({
      env: options.env ?? process.env,
      ...(options.judgeModel !== undefined && { judgeModel: options.judgeModel }),
    });
  }
  return {
    name: options.name ?? source.name.replace(/\.\w+$/, ""),
    source,
    ...(summary && { rows: Math.min(summary.rows, limit ?? summary.rows), digest: summary.digest }),
    trials,
    ...(predictor && { predictor }),
    scorers: kept,
    gates,
    concurrency,
    maxFailed,
    notes,
    options,
  };
}

function modelOf({ model, predictFn }: EvaluateOptions) {
  if (model !== undefined && predictFn !== undefined) {
    throw new AssayError("invalid-argument", "Give either model or predictFn: they are one option");
  }
  return model ?? predictFn;
}

/** The default scorers that the caller did not give in a version of his own. */
function withoutOverridden(defaults: readonly Scorer[], explicit: readonly Scorer[]): Scorer[] {
  const given = new Set(explicit.map(({ scorer }) => scorerKey(scorer)));
  return defaults.filter(({ scorer }) => !given.has(scorerKey(scorer)));
}

/** Scorers that the first row can feed: a default one that it cannot is left out, an explicit one is an error. */
function feedable(
  defaults: readonly Scorer[],
  explicit: readonly Scorer[],
  first: Row | undefined,
): { kept: Scorer[]; notes: string[] } {
  const lacks = (scorer: Scorer) =>
    first && scorer.scorer.requires?.find((name) => first.expectations[name] === undefined);
  for (const scorer of explicit) {
    const missing = lacks(scorer);
    if (missing !== undefined) {
      throw new AssayError(
        "invalid-argument",
        `${scorer.scorer.name} needs expectations.${missing}, which row 1 lacks. Name the column that holds it with targets (--targets). Available columns: ${columnsOf(first)}`,
      );
    }
  }
  const left = defaults.filter((scorer) => lacks(scorer) !== undefined);
  const kept = [...defaults.filter((scorer) => !left.includes(scorer)), ...explicit];
  const keys = kept.map(({ scorer }) => scorerKey(scorer));
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined) {
    throw new AssayError(
      "invalid-argument",
      `Two scorers are called ${twice}; give one another name`,
    );
  }
  const names = left.map(({ scorer }) => scorer.name).join(", ");
  const notes = left.length === 0 ? [] : [`left out without targets: ${names}`];
  return { kept, notes };
}

function checkFirstRow(first: Row, predictor: Predictor | undefined): void {
  if (predictor !== undefined) {
    predictor.check(first);
  } else if (first.outputs === undefined) {
    throw new AssayError(
      "invalid-argument",
      `There is no model and row 1 has no outputs. Give a model (--model), or name the column with predictions (--predictions). Available columns: ${columnsOf(first)}`,
    );
  }
}

function checkGates(gates: readonly Gate[], scorers: readonly Scorer[]): void {
  const known = scorers.flatMap((scorer) => metricKeys(scorer).map(({ key }) => key));
  const extra = ["latency/mean", "latency/p90", "cost/total"];
  const aliases = scorers
    .filter(({ scorer }) => scorer.bareMean)
    .map(({ scorer }) => `${scorerKey(scorer)}/mean`);
  for (const gate of gates) {
    if ([...known, ...aliases, ...extra].includes(gate.metric)) continue;
    throw new AssayError(
      "invalid-argument",
      `The gate "${gate.text}" names ${gate.metric}, which this evaluation does not measure. Available: ${[...known, ...extra].join(", ")}`,
    );
  }
}

function columnsOf(row: Row | undefined): string {
  const names = [
    ...Object.keys(row?.inputs ?? {}),
    ...Object.keys(row?.columns ?? {}),
    ...Object.keys(row?.expectations ?? {}).map((name) => `expectations.${name}`),
  ];
  return names.join(", ") || "none";
}

function wholeNumber(option: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new AssayError(
    "invalid-argument",
    `Expected ${option} to be an integer of at least 1, got ${value}`,
  );
}

function share(option: string, value: number): number {
  if (value >= 0 && value <= 1) return value;
  throw new AssayError("invalid-argument", `Expected ${option} to be in [0, 1], got ${value}`);
}
