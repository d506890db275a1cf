import {
  AssayError,
  nameList,
  type Row,
  rememberSecretsOf,
  type Scorer,
  type ScorerEnvironment,
  withoutAbsent,
} from "../core/index.ts";
import { type DatasetSummary, openSource, type RowSource } from "../datasets/index.ts";
import type { Baseline, Gate } from "../gates/index.ts";
import { checkAdaptive } from "./adaptive/adaptive-budget.ts";
import { chooseScorers } from "./choose-scorers.ts";
import { modelsWithoutPrice } from "./estimate-cost.ts";
import { evaluationStore } from "./evaluation-store.ts";
import { checkPlannedGates, planGates, readGates } from "./gating/plan-gates.ts";
import type { RowFacts } from "./gating/row-facts.ts";
import { checkOptionNames, checkOptionTypes } from "./known-options.ts";
import { modelSettings } from "./model-settings.ts";
import type { EvaluateOptions, Model } from "./options.ts";
import { openPredictor, type Predictor } from "./predictor.ts";
import { Remarks } from "./remarks.ts";
import { readShard } from "./shards/shard.ts";
import { shardSource } from "./shards/shard-source.ts";

/** Everything an evaluation needs, found good before anything is stored or paid for. */
export interface Plan {
  readonly name: string;
  readonly source: RowSource;
  /** Absent for a stream, whose length only its end tells. */
  readonly rows?: number;
  readonly digest?: string;
  readonly askedDigest?: string;
  readonly unorderedDigest?: string;
  readonly trials: number;
  /** Absent for a static dataset. */
  readonly predictor?: Predictor;
  readonly scorers: readonly Scorer[];
  readonly gates: readonly Gate[];
  /** What gates compare with. */
  readonly baseline?: Baseline;
  /** Of the rows, where gates ask for more than their scores; filled while rows pass by. */
  readonly facts?: RowFacts;
  readonly concurrency: number;
  readonly maxFailed: number;
  readonly notes: readonly string[];
  readonly remarks: Remarks;
  readonly options: EvaluateOptions;
}

/** What a timer can be set to; one beyond it fires at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * @param cell - What tells it from the others of several models or prompts; baselines are of the same one.
 * @throws {AssayError} `invalid-argument` or `configuration`: whatever is wrong with the options or the data.
 */
export async function planEvaluation(options: EvaluateOptions, cell?: string): Promise<Plan> {
  checkOptionNames(options);
  checkOptionTypes(options);
  if (options.redact !== "off") rememberSecretsOf(options.env ?? process.env);
  const trials = wholeNumber("trials", options.trials ?? 1);
  const concurrency = wholeNumber("concurrency", options.concurrency ?? 8);
  const limit = options.limit === undefined ? undefined : wholeNumber("limit", options.limit);
  const maxFailed = inRange("maxFailed", options.maxFailed ?? 0.02, 0, 1);
  checkLimits(options);
  const gates = readGates(options);
  const shard = options.shard === undefined ? undefined : readShard(options.shard);
  const selected = await openSource(options.data, {
    ...options,
    datasets: async () => (await evaluationStore(options)).datasets,
    traces: () => evaluationStore(options),
  });
  const source = shard === undefined ? selected : shardSource(selected, shard);
  const summary = await source.inspect();
  const { first, rows, digest, askedDigest, unorderedDigest } = summary;
  const { scorers: chosen, notes } = chooseScorers(options, summary);
  const predictor = await openPredictor(modelOf(options), options);
  checkFirstRow(summary, predictor);
  const hasModel = predictor !== undefined;
  const planned = rows === undefined ? undefined : Math.min(rows, limit ?? rows);
  checkPlannedGates(gates, chosen, options, { hasModel, rows: planned });
  const environment = withoutAbsent<ScorerEnvironment>({
    env: options.env ?? process.env,
    judgeModel: options.judgeModel,
    models: modelSettings(options, "judges"),
  });
  const scorers = await Promise.all(
    chosen.map(async (scorer) => (await scorer.scorer.prepare?.(environment, scorer)) ?? scorer),
  );
  const whole = options.name ?? nameOf(source);
  const name = cell === undefined ? whole : `${whole} [${cell}]`;
  const gating = await planGates(
    gates,
    {
      scorers,
      source,
      digests: { digest: askedDigest ?? digest, unorderedDigest },
      first,
      options,
      name,
      hasModel,
    },
    () => evaluationStore(options),
  );
  const plan = withoutAbsent<Plan>({
    name,
    source,
    rows: planned,
    digest,
    askedDigest,
    unorderedDigest,
    trials,
    predictor,
    scorers,
    ...gating,
    // Part of the rows decides no gate.
    ...(options.shard !== undefined && { gates: [] }),
    concurrency,
    maxFailed,
    notes: [...summary.notes, ...notes, ...(predictor?.notes ?? [])],
    remarks: new Remarks(),
    options,
  });
  if (options.budget === "adaptive") await checkAdaptive(plan);
  if (options.maxCost !== undefined) await checkPrices(plan, first);
  return plan;
}

/** A limit that cannot be kept must not look like one that is. */
async function checkPrices(plan: Plan, first: Row): Promise<void> {
  const [uri] = await modelsWithoutPrice(plan, first);
  if (uri === undefined) return;
  const named = uri.replace(/\?.*$/s, "");
  throw new AssayError(
    "invalid-argument",
    `maxCost cannot be kept: the price of ${named} is not known. Give prices: { "${named}": { input, output } } in US dollars per million tokens, or use maxTokens`,
  );
}

function checkLimits({ timeoutMs, runTimeoutMs, ...limits }: EvaluateOptions): void {
  const positive = Number.MIN_VALUE;
  const options = [
    ["timeoutMs", timeoutMs, 1, LONGEST_TIMEOUT_MS],
    ["callTimeoutMs", limits.callTimeoutMs, 1, LONGEST_TIMEOUT_MS],
    ["runTimeoutMs", runTimeoutMs, 1, LONGEST_TIMEOUT_MS],
    ["graceMs", limits.graceMs, 0, LONGEST_TIMEOUT_MS],
    ["maxCost", limits.maxCost, positive, Number.MAX_VALUE],
    ["maxTokens", limits.maxTokens, 1, Number.MAX_VALUE],
    ["rpm", limits.rpm, positive, Number.MAX_VALUE],
    ["tpm", limits.tpm, 1, Number.MAX_VALUE],
    ["cacheTtlMs", limits.cacheTtlMs, 0, Number.MAX_VALUE],
    ["flakySpread", limits.flakySpread, 0, 1],
    ["resultsTable", Number(limits.resultsTable ?? 0), 0, Number.MAX_VALUE],
  ] as const;
  for (const [name, value, low, high] of options) {
    if (value !== undefined) inRange(name, value, low, high);
  }
  checkSharing(limits);
  const needsResume = limits.retryFailed
    ? "retryFailed"
    : limits.allowChangedData && "allowChangedData";
  if (needsResume && !limits.resume) {
    throw new AssayError("invalid-argument", `${needsResume} is about a run to resume; add resume`);
  }
}

function checkSharing({ run, worker = false, ...others }: Partial<EvaluateOptions>): void {
  if ((run !== undefined) !== worker) {
    throw new AssayError(
      "invalid-argument",
      worker
        ? "A worker takes part in a run that shares its work: name it with run (--run)"
        : "run names a run to take part in; add worker (--worker). To go on with a run of one process use resume",
    );
  }
  if (worker && others.resume) {
    throw new AssayError(
      "invalid-argument",
      "Give either resume or worker: a worker goes on by itself",
    );
  }
}

/** The name of a file without its endings. */
function nameOf({ name, registered }: RowSource): string {
  return registered === undefined ? name.replace(/\.\w+(?:\.gz)?$/i, "") : name;
}

function modelOf({ model, predictFn, predictions }: EvaluateOptions): Model | undefined {
  if (model !== undefined && predictFn !== undefined) {
    throw new AssayError("invalid-argument", "Give either model or predictFn: they are one option");
  }
  const given = model ?? predictFn;
  if (given !== undefined && predictions !== undefined) {
    throw new AssayError(
      "invalid-argument",
      `Give either a model or predictions ("${predictions}"): with predictions no model is called`,
    );
  }
  return given;
}

function checkFirstRow(
  { first, columns, hasOutputs }: DatasetSummary,
  predictor: Predictor | undefined,
): void {
  if (predictor !== undefined) {
    predictor.check(first);
  } else if (!hasOutputs && first.outputs === undefined && first.traceId === undefined) {
    throw new AssayError(
      "invalid-argument",
      `There is no model and row 1 has no outputs. Give a model (--model), or name the column with predictions (--predictions). Available columns: ${nameList(columns)}`,
    );
  }
}

function wholeNumber(option: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new AssayError(
    "invalid-argument",
    `Expected ${option} to be an integer of at least 1, got ${value}`,
  );
}

function inRange(option: string, value: number, low: number, high: number): number {
  if (value >= low && value <= high) return value;
  throw new AssayError(
    "invalid-argument",
    high === Number.MAX_VALUE
      ? `Expected ${option} to be ${low < 1 && low > 0 ? "above 0" : `at least ${low}`}, got ${value}`
      : `Expected ${option} to be in [${low}, ${high}], got ${value}`,
  );
}
