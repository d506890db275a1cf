import {
  DATASET_CONTEXT_TAG,
  describeError,
  type InputDataset,
  isAssayError,
  REGISTERED_DATASET,
  RUN_TAGS,
  type Run,
  redactText,
  scorerKey,
  withoutAbsent,
} from "../core/index.ts";
import type {
  DataPlan,
  EvaluationOutcome,
  EvaluationPlan,
  EvaluationRecord,
  NewRun,
  PlannedDataset,
  TrackingStore,
} from "../store/index.ts";
import { activeRun, currentExperimentName, systemTags } from "../tracking/index.ts";
import { configurationOf, termsOf } from "./configuration.ts";
import type { Plan } from "./plan.ts";
import type { TrialContext } from "./predict.ts";
import { GATES_TAG, SHARD_TAG } from "./shards/shard.ts";

/** Makes the run: nested in the active one, where that is kept in the same store. */
export async function createRun(plan: Plan, store: TrackingStore): Promise<Run> {
  const { options } = plan;
  const parent = await parentRun(store);
  return store.runs.createRun(
    withoutAbsent<NewRun>({
      experimentId: await experimentOf(plan, store),
      name: options.runName,
      parentRunId: parent?.runId,
      tags: {
        ...(await systemTags()),
        ...options.tags,
        [RUN_TAGS.runType]: "evaluation",
        ...shardTags(options),
      },
    }),
  );
}

function shardTags({ shard, gates = [] }: Plan["options"]): { [key: string]: string } {
  return shard === undefined ? {} : { [SHARD_TAG]: shard, [GATES_TAG]: JSON.stringify(gates) };
}

/** The experiment that the run belongs to: the one named, else that of the active run, else the current one. */
export async function experimentOf({ options }: Plan, store: TrackingStore): Promise<string> {
  const parent = options.experiment === undefined ? await parentRun(store) : undefined;
  if (parent !== undefined) return parent.experimentId;
  const name = options.experiment ?? currentExperimentName();
  return (await store.experiments.ensureExperiment(name)).experimentId;
}

async function parentRun(store: TrackingStore): Promise<Run | undefined> {
  const active = activeRun();
  return active && store.runs.getRun(active.runId);
}

/** Sets a run that ended, or whose process did, going again. */
export async function reopenRun(
  { store, runId }: TrialContext,
  { status }: Pick<EvaluationRecord, "status">,
): Promise<void> {
  if (status !== "running") await store.results.reopenEvaluation(runId);
  await store.runs.updateRun(runId, { status: "RUNNING" });
}

/** Stores what the run sets out to do. */
export async function recordPlan({ plan, store, runId }: TrialContext): Promise<void> {
  const { source, digest, predictor, trials } = plan;
  const scorers = plan.scorers.map(({ scorer }) => {
    const {
      prepare: _prepare,
      aggregations: _aggregations,
      corpus: _corpus,
      estimate: _estimate,
      columns: _columns,
      ...record
    } = scorer;
    // What the evaluation says of all scorers is kept with each, for who reads the run later.
    const passThreshold = record.passThreshold ?? plan.options.passThreshold;
    return passThreshold === undefined ? record : { ...record, passThreshold };
  });
  await store.results.beginEvaluation(
    runId,
    withoutAbsent<EvaluationPlan>({
      name: plan.name,
      ...dataPlanOf(plan),
      trials,
      scorers,
      model: predictor?.name,
      flakySpread: plan.options.flakySpread,
      terms: termsOf(plan),
      keepsFields: true,
    }),
  );
  const params = withoutAbsent<{ [key: string]: string }>({
    data: source.name,
    data_digest: digest,
    data_version: source.registered && String(source.registered.version),
    model: predictor?.name,
    trials: String(trials),
  });
  await store.runs.logBatch(runId, { params });
  await logDataset(plan, store, runId);
}

/** What is stored of the data, of which a run that goes on may be given another version. */
export function dataPlanOf(plan: Plan): DataPlan {
  const { source, digest, askedDigest, unorderedDigest, rows } = plan;
  const dataset = withoutAbsent<PlannedDataset>({
    name: source.name,
    digest,
    askedDigest,
    unorderedDigest,
    ...source.registered,
  });
  return withoutAbsent<DataPlan>({ rows, dataset, configuration: configurationOf(plan) });
}

/** Notes a registered dataset among what the run used, where MLflow's searches look for it. */
async function logDataset(
  { source: { name, registered }, digest }: Plan,
  store: TrackingStore,
  runId: string,
): Promise<void> {
  if (registered === undefined || digest === undefined) return;
  const dataset: InputDataset = {
    name,
    // The beginning: MLflow's clients take 36 characters. The whole stands in the plan and the params.
    digest: digest.slice(0, 36),
    sourceType: REGISTERED_DATASET,
    source: JSON.stringify({ dataset_id: registered.datasetId, name, version: registered.version }),
  };
  const tags = { [DATASET_CONTEXT_TAG]: "evaluation" };
  await store.runs.logInputs(runId, { datasets: [{ dataset, tags }] });
}

/**
 * Closes a run that cannot go on; what was committed stays. Never throws: the reason to give up comes first.
 *
 * @param worker - Who held the run: it is left alone when another one has taken it.
 */
export async function abandonRun(
  { store, runId }: TrialContext,
  durationMs: number,
  error: unknown,
  worker?: string,
): Promise<void> {
  const close = async () => {
    const { usage } = await store.results.countResults(runId);
    const outcome: EvaluationOutcome = {
      status: "failed",
      gates: [],
      summaries: {},
      usage,
      durationMs,
      problems: [redactText(describeError(error))],
      incompleteScorers: [],
    };
    await store.results.finishEvaluation(runId, outcome, worker);
  };
  const [closed] = await Promise.allSettled([close()]);
  if (closed.status === "rejected" && isAssayError(closed.reason, "conflict")) return;
  const ended = { status: "FAILED", endTime: Date.now() } as const;
  await Promise.allSettled([store.runs.updateRun(runId, ended)]);
}

/** What the "started" progress says. */
export function startOf({ plan, runId }: TrialContext) {
  return withoutAbsent({
    name: plan.name,
    runId,
    rows: plan.rows,
    trials: plan.rows && plan.rows * plan.trials,
    scorers: plan.scorers.map(({ scorer }) => scorerKey(scorer)),
    notes: plan.notes,
  });
}
