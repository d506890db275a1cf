import {
  AGGREGATION_NAMES,
  AssayError,
  type GateResult,
  type Run,
  scorerKey,
  withoutAbsent,
} from "../../core/index.ts";
import { withMismatches } from "../../gates/baseline.ts";
import { checkBaselineScores } from "../../gates/baseline-scores.ts";
import {
  checkBaseline,
  checkGates,
  checkRowCount,
  closestNames,
  type Evidence,
  findMetric,
  type Gate,
  type GateCatalog,
  needsBaseline,
  parseGate,
} from "../../gates/index.ts";
import type { EvaluationRecord, TrackingStore } from "../../store/index.ts";
import { costEvidence } from "../cost-evidence.ts";
import { latencyEvidence } from "../latency-evidence.ts";
import { COST_METRIC, LATENCY_METRICS } from "../metric-keys.ts";
import type { TrialContext } from "../predict.ts";
import { type DecideOptions, decideRun } from "./decide-run.ts";
import { dataOfRecord, findBaseline } from "./find-baseline.ts";
import { type DeclaredMetric, gateCatalog } from "./gate-catalog.ts";
import { type GatedRun, type Guarantee, RunReader } from "./gated-run.ts";
import { catalogOf } from "./plan-gates.ts";
import { clusterOf, RowFacts, sliceFields } from "./row-facts.ts";
import { checkTelling } from "./untelling-gates.ts";

/** How gates are decided on a run that is stored. */
export interface StoredGateOptions {
  readonly gates: readonly string[];
  readonly strict?: boolean;
  readonly guarantee?: Guarantee;
  readonly baseline?: string;
  readonly allowMismatch?: boolean;
  /** Folder that the path of a baseline starts from. */
  readonly baseDir?: string;
  /** Share of results that may lack a score; default what the run allowed. */
  readonly maxFailed?: number;
}

/**
 * Decides gates on the stored scores of a run that ended. Slices and groups are of what is stored of the rows.
 *
 * @throws {AssayError} `not-found` for a run without an evaluation; `invalid-argument` for gates that cannot
 *   be, and for a run that stopped early.
 */
export async function decideStoredRun(
  store: TrackingStore,
  runId: string,
  options: StoredGateOptions,
): Promise<GateResult[]> {
  checkStoredOptions(options);
  const record = await store.results.getEvaluation(runId);
  if (record === undefined) {
    throw new AssayError("not-found", `There is no evaluation in run ${runId}`);
  }
  const { gated, gates, decide } = await readStored(store, record, options);
  await checkTelling(new RunReader(gated), gates);
  return decideRun(gated, gates, decide);
}

/**
 * Decides the gates of a plan on the stored scores of its run that ended, as the run itself would: one that
 * tells nothing of the scores is a result.
 *
 * @throws {AssayError} `invalid-argument` for a run that stopped early.
 */
export async function decidePlanned(
  { plan, store }: Pick<TrialContext, "plan" | "store">,
  record: EvaluationRecord,
): Promise<GateResult[]> {
  const { strict, guarantee, baseline, allowMismatch, baseDir } = plan.options;
  const options = {
    gates: plan.gates.map(({ text }) => text),
    maxFailed: plan.maxFailed,
    ...withoutAbsent({ strict, guarantee, baseline, allowMismatch, baseDir }),
  };
  const catalog = catalogOf(plan.scorers, plan.options, plan.predictor !== undefined);
  const { gated, gates, decide } = await readStored(store, record, options, catalog);
  return decideRun(gated, gates, decide);
}

/** @param named - What gates can name; default what was measured. */
async function readStored(
  store: TrackingStore,
  record: EvaluationRecord,
  options: StoredGateOptions,
  named?: GateCatalog,
) {
  const { runId } = record;
  const run = await store.runs.getRun(runId);
  if (run === undefined) throw new AssayError("not-found", `There is no run ${runId}`);
  if (record.outcome?.adaptive !== undefined) {
    throw new AssayError(
      "invalid-argument",
      `Run ${runId.slice(0, 12)} stopped when its own gates were certain (adaptive budget): its scores are part of the rows, and decide no other gates`,
    );
  }
  const gates = [options.gates].flat().map((gate) => parseGate(gate));
  const catalog = named ?? catalogOfRecord(record, run);
  checkGates(gates, catalog, withoutAbsent({ trials: record.trials, rows: record.rows }));
  const baseline =
    options.baseline === undefined || !needsBaseline(gates)
      ? undefined
      : await findBaseline(options.baseline, {
          store: async () => store,
          options,
          name: record.name,
          runId,
        });
  const data = dataOfRecord(record);
  checkBaseline(gates, baseline, { data, catalog }, options.allowMismatch);
  await checkBaselineScores(gates, baseline, catalog);
  const groups = await groupsOf(store, record);
  const facts = await factsOf(store, record, gates);
  const gated = withoutAbsent<GatedRun>({
    results: store.results,
    runId,
    catalog,
    rows: record.rows ?? 0,
    trials: record.trials,
    evidence: await evidenceOf(store, run, { catalog, gates, record }),
    summaries: record.outcome?.summaries ?? {},
    maxFailed: options.maxFailed ?? Number(record.terms?.["max failed"] ?? 0.02),
    facts,
    groups,
    judges: new Set(
      record.scorers.flatMap((scorer) =>
        scorer.source?.kind === "judge" ? [scorerKey(scorer)] : [],
      ),
    ),
    guarantee: options.guarantee ?? "standard",
  });
  const decide = withoutAbsent<DecideOptions>({
    strict: options.strict,
    baseline: baseline && withMismatches(baseline, { data, catalog }),
  });
  return { gated, gates, decide };
}

const OPTIONS: { readonly [option in keyof StoredGateOptions]-?: true } = {
  gates: true,
  strict: true,
  guarantee: true,
  baseline: true,
  allowMismatch: true,
  baseDir: true,
  maxFailed: true,
};

/** A misspelt option would decide without it: `stict` is not strict. */
function checkStoredOptions(options: StoredGateOptions): void {
  const known = Object.keys(OPTIONS);
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const [close] = closestNames(unknown, known);
    const advice = close === undefined ? `There are ${known.join(", ")}` : `Did you mean ${close}?`;
    throw new AssayError("invalid-argument", `Gates have no option ${unknown}. ${advice}`);
  }
  const { guarantee = "standard" } = options;
  if (guarantee === "standard" || guarantee === "exact") return;
  throw new AssayError(
    "invalid-argument",
    `Expected guarantee to be "standard" or "exact", got "${String(guarantee)}"`,
  );
}

/** What gates of a stored run can name. */
export function catalogOfRecord({ scorers }: EvaluationRecord, { metrics }: Run) {
  const keys = Object.keys(metrics);
  const isOf = (key: string, scorer: string) => key === scorer || key.startsWith(`${scorer}/`);
  const scored = scorers.map((scorer) => {
    const own = scorerKey(scorer);
    const declared = keys
      .filter((key) => isOf(key, own))
      .map((key): DeclaredMetric => {
        if (key === own) return { key, alias: `${own}/mean`, aggregation: "mean" };
        const name = key.slice(own.length + 1);
        const aggregation = AGGREGATION_NAMES.find((one) => one === name);
        return aggregation === undefined ? { key } : { key, aggregation };
      });
    return { scorer, declared };
  });
  const others = keys.filter((key) => !scorers.some((scorer) => isOf(key, scorerKey(scorer))));
  return gateCatalog(scored, others);
}

/** Metrics that no column of scores gives again: of functions, of all rows together, latency, cost. */
async function evidenceOf(
  { results }: TrackingStore,
  { runId, metrics }: Run,
  asked: {
    readonly catalog: GateCatalog;
    readonly gates: readonly Gate[];
    readonly record: EvaluationRecord;
  },
): Promise<Map<string, Evidence>> {
  const { catalog, gates, record } = asked;
  const evidence = new Map<string, Evidence>();
  for (const { key, aggregation } of catalog.metrics) {
    const estimate = metrics[key];
    if (aggregation === undefined && estimate !== undefined) evidence.set(key, { estimate });
  }
  const wanted = new Set(
    gates.flatMap((gate) => (gate.kind === "metric" ? findMetric(catalog, gate).key : [])),
  );
  const cost = metrics[COST_METRIC];
  if (wanted.has(COST_METRIC) && cost !== undefined) {
    evidence.set(COST_METRIC, costEvidence(cost, await results.unknownCosts(runId), record.model));
  }
  if (!Object.values(LATENCY_METRICS).some((key) => wanted.has(key) && evidence.has(key))) {
    return evidence;
  }
  for (const [key, found] of latencyEvidence(await results.latencies(runId), record.trials > 1)) {
    if (evidence.has(key)) evidence.set(key, found);
  }
  return evidence;
}

/**
 * What the rows of a stored run belong to, by ordinal; empty where they stand alone.
 *
 * @throws {AssayError} `invalid-argument` where intervals would take the rows of a group for independent ones.
 */
export async function groupsOf(
  { results }: TrackingStore,
  { runId, keepsFields, hasGroups }: EvaluationRecord,
): Promise<ReadonlyMap<number, string>> {
  if (keepsFields === true || hasGroups !== true) return results.rowGroups(runId);
  const groups = new Map<number, string>();
  for await (const row of results.listResults(runId)) {
    const group = clusterOf(row);
    if (group !== undefined) groups.set(row.ordinal, group);
  }
  if (groups.size > 0) return groups;
  throw new AssayError(
    "invalid-argument",
    `The rows of run ${runId.slice(0, 12)} belong to documents or conversations, which the version of Assay that stored it did not keep, so no interval can be computed from them; evaluate again`,
  );
}

/** The fields that slices name, checked; undefined where no gate has one. */
async function factsOf(
  { results }: TrackingStore,
  { runId, keepsFields }: EvaluationRecord,
  gates: readonly Gate[],
): Promise<RowFacts | undefined> {
  const fields = sliceFields(gates);
  if (fields.length === 0) return undefined;
  const facts = new RowFacts(fields);
  for await (const row of results.listResults(runId)) facts.add(row);
  const isPartial = keepsFields !== true;
  facts.check(
    gates,
    isPartial
      ? "; the version of Assay that stored this run kept inputs and expectations alone, no metadata or tags"
      : "",
  );
  for (const gate of gates) {
    if (gate.kind !== "rows" || gate.slice === undefined) continue;
    checkRowCount(gate, facts.ordinalsOf(gate.slice).size);
  }
  return facts;
}
