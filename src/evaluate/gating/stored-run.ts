import {
  AGGREGATION_NAMES,
  AssayError,
  type GateResult,
  type Run,
  scorerKey,
  withoutAbsent,
} from "../../core/index.ts";
import {
  checkBaseline,
  checkGates,
  type Evidence,
  needsBaseline,
  parseGate,
} from "../../gates/index.ts";
import type { EvaluationRecord, TrackingStore } from "../../store/index.ts";
import { decideRun } from "./decide-run.ts";
import { dataOfRecord, findBaseline } from "./find-baseline.ts";
import { type DeclaredMetric, gateCatalog } from "./gate-catalog.ts";
import type { GatedRun, Guarantee } from "./gated-run.ts";
import { clusterOf, RowFacts, sliceFields } from "./row-facts.ts";

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
 * Decides gates on the stored scores of a run that ended. Slices and clusters are of what is stored of the
 * rows: their inputs and expectations.
 *
 * @throws {AssayError} `not-found` for a run without an evaluation; `invalid-argument` for gates that cannot
 *   be, and for a run that stopped early.
 */
export async function decideStoredRun(
  store: TrackingStore,
  runId: string,
  options: StoredGateOptions,
): Promise<GateResult[]> {
  const record = await store.results.getEvaluation(runId);
  const run = await store.runs.getRun(runId);
  if (record === undefined || run === undefined) {
    throw new AssayError("not-found", `There is no evaluation in run ${runId}`);
  }
  if (record.outcome?.adaptive !== undefined) {
    throw new AssayError(
      "invalid-argument",
      `Run ${runId.slice(0, 12)} stopped when its own gates were certain (adaptive budget): its scores are part of the rows, and decide no other gates`,
    );
  }
  const gates = options.gates.map(parseGate);
  const catalog = catalogOfRecord(record, run);
  checkGates(gates, catalog, { trials: record.trials });
  const baseline =
    options.baseline === undefined || !needsBaseline(gates)
      ? undefined
      : await findBaseline(options.baseline, {
          store: async () => store,
          options,
          name: record.name,
        });
  const data = dataOfRecord(record);
  checkBaseline(gates, baseline, { data, catalog }, options.allowMismatch);
  const facts = await factsOf(store, runId, sliceFields(gates));
  checkGroups(record, facts?.hasClusters === true);
  facts?.check(gates);
  const gated = withoutAbsent<GatedRun>({
    results: store.results,
    runId,
    catalog,
    rows: record.rows ?? 0,
    trials: record.trials,
    evidence: evidenceOf(run, catalog),
    summaries: record.outcome?.summaries ?? {},
    maxFailed: options.maxFailed ?? Number(record.terms?.["max failed"] ?? 0.02),
    facts,
    judges: new Set(
      record.scorers.flatMap((scorer) =>
        scorer.source?.kind === "judge" ? [scorerKey(scorer)] : [],
      ),
    ),
    guarantee: options.guarantee ?? "standard",
  });
  return decideRun(gated, gates, withoutAbsent({ strict: options.strict, baseline }));
}

/** @throws {AssayError} `invalid-argument` where intervals would take the rows of a group for independent ones. */
export function checkGroups({ hasGroups, runId }: EvaluationRecord, areKnown: boolean): void {
  if (hasGroups !== true || areKnown) return;
  throw new AssayError(
    "invalid-argument",
    `The rows of run ${runId.slice(0, 12)} belong to documents or conversations that its stored results do not name, so no interval can be computed from them; give the gates to the evaluation itself`,
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
function evidenceOf(
  { metrics }: Run,
  catalog: ReturnType<typeof catalogOfRecord>,
): Map<string, Evidence> {
  const evidence = new Map<string, Evidence>();
  for (const { key, aggregation } of catalog.metrics) {
    const estimate = metrics[key];
    if (aggregation === undefined && estimate !== undefined) evidence.set(key, { estimate });
  }
  return evidence;
}

/** What rows of a stored run belong to, by ordinal; undefined where they stand alone. */
export async function clustersOf(
  store: TrackingStore,
  runId: string,
): Promise<ReadonlyMap<number, string> | undefined> {
  const facts = await factsOf(store, runId, []);
  if (facts === undefined || !facts.hasClusters) return undefined;
  return facts.clusters;
}

async function factsOf(
  { results }: TrackingStore,
  runId: string,
  fields: readonly string[],
): Promise<RowFacts | undefined> {
  const facts = new RowFacts(fields);
  for await (const { ordinal, inputs, expectations } of results.listResults(runId)) {
    const row = { ordinal, inputs, expectations };
    // Rows of one kind: the first tells whether they say what they belong to.
    if (facts.size === 0 && fields.length === 0 && clusterOf(row) === undefined) return undefined;
    facts.add(row);
  }
  return facts;
}
