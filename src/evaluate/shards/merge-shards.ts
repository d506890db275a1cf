import { AssayError, withoutAbsent } from "../../core/index.ts";
import { overallDecision, overallVerdict } from "../../gates/index.ts";
import type {
  EvaluationOutcome,
  EvaluationPlan,
  EvaluationRecord,
  TrackingStore,
} from "../../store/index.ts";
import { systemTags } from "../../tracking/index.ts";
import type { Guarantee } from "../gating/gated-run.ts";
import { decideStoredRun } from "../gating/stored-run.ts";
import { copyShard } from "./copy-shard.ts";
import { mergedOutcome, type Part, type ShardRun } from "./merged-outcome.ts";
import { GATES_TAG, readShard, SHARD_TAG, type Shard } from "./shard.ts";

/** How shards become one run. */
export interface MergeOptions {
  /** Instead of those that the shards were given. */
  readonly gates?: readonly string[];
  readonly strict?: boolean;
  readonly guarantee?: Guarantee;
  readonly baseline?: string;
  readonly allowMismatch?: boolean;
  readonly experiment?: string;
  readonly baseDir?: string;
}

/**
 * Makes one run of the shards of an evaluation, and decides the gates on all rows.
 *
 * @returns The id of the new run in `target`.
 * @throws {AssayError} `invalid-argument` naming shards that are missing, twice or not at their end, and what
 *   they differ in; as `decideStoredRun` for gates, before anything is written.
 */
export async function mergeShards(
  target: TrackingStore,
  shards: readonly ShardRun[],
  options: MergeOptions = {},
): Promise<string> {
  const parts = await Promise.all(shards.map(readPart));
  parts.sort((a, b) => a.shard.index - b.shard.index);
  const first = checkWhole(parts);
  const { runId, experimentId, rows } = await createMerged(target, parts, first, options);
  for (const part of parts) await copyShard(part, { store: target, runId, experimentId });
  const outcome = await mergedOutcome(target, runId, parts, rows);
  const gates = options.gates ?? gatesOf(first);
  await target.results.finishEvaluation(runId, outcome);
  const decided =
    gates.length === 0 ? [] : await decideStoredRun(target, runId, { ...options, gates });
  await target.results.reopenEvaluation(runId);
  const isOpen = decided.length > 0 && outcome.status !== "finished";
  await target.results.finishEvaluation(
    runId,
    withoutAbsent<EvaluationOutcome>({
      ...outcome,
      gates: decided,
      verdict: isOpen ? "undecided" : overallVerdict(decided),
      decision: isOpen ? "fail" : overallDecision(decided),
      strict: options.strict === true || undefined,
    }),
  );
  await target.runs.updateRun(runId, { status: "FINISHED", endTime: Date.now() });
  return runId;
}

async function readPart({ store, runId }: ShardRun): Promise<Part> {
  const record = await store.results.getEvaluation(runId);
  const run = await store.runs.getRun(runId);
  if (record === undefined || run === undefined) {
    throw new AssayError("not-found", `There is no evaluation in run ${runId}`);
  }
  const tag = run.tags[SHARD_TAG];
  if (tag === undefined) {
    throw new AssayError(
      "invalid-argument",
      `Run ${runId.slice(0, 12)} is no shard; merge runs that were made with --shard`,
    );
  }
  if (record.status !== "finished" && record.status !== "incomplete") {
    throw new AssayError(
      "invalid-argument",
      `Shard ${tag} (run ${runId.slice(0, 12)}) is ${record.status}; resume it first`,
    );
  }
  return { store, runId, run, record, shard: readShard(tag) };
}

/** @returns The first shard, whose plan stands for all. */
function checkWhole(parts: readonly Part[]): Part {
  const [first] = parts;
  if (first === undefined) {
    throw new AssayError("invalid-argument", "There are no shards to merge");
  }
  const { of } = first.shard;
  const other = parts.find(
    ({ shard, record }) => shard.of !== of || record.name !== first.record.name,
  );
  if (other !== undefined) {
    throw new AssayError(
      "invalid-argument",
      `These are shards of different evaluations: ${first.record.name} in ${of}, ${other.record.name} in ${other.shard.of}`,
    );
  }
  const indexes = parts.map(({ shard }) => shard.index);
  const twice = indexes.find((index, at) => indexes.indexOf(index) !== at);
  if (twice !== undefined) {
    throw new AssayError("invalid-argument", `Shard ${twice}/${of} is there twice`);
  }
  const missing = Array.from({ length: of }, (_, at) => at + 1).filter(
    (index) => !indexes.includes(index),
  );
  if (missing.length > 0) {
    throw new AssayError(
      "invalid-argument",
      `Shards are missing: ${missing.map((index) => `${index}/${of}`).join(", ")}`,
    );
  }
  for (const { record, shard } of parts) checkSame(first.record, record, shard);
  return first;
}

function checkSame(first: EvaluationRecord, other: EvaluationRecord, shard: Shard): void {
  const [was, is] = [first.configuration ?? {}, other.configuration ?? {}];
  for (const aspect of new Set([...Object.keys(was), ...Object.keys(is)])) {
    // Each shard has rows of its own, and so a digest of its own.
    if (aspect === "data" || aspect === "shard" || was[aspect] === is[aspect]) continue;
    throw new AssayError(
      "invalid-argument",
      `Shard ${shard.index}/${shard.of} cannot be merged with the first: its ${aspect} is ${is[aspect] ?? "not set"}, there ${was[aspect] ?? "not set"}`,
    );
  }
}

function gatesOf({ run }: Part): string[] {
  return JSON.parse(run.tags[GATES_TAG] ?? "[]") as string[];
}

async function createMerged(
  target: TrackingStore,
  parts: readonly Part[],
  { store, run, record }: Part,
  { experiment }: MergeOptions,
): Promise<{ runId: string; experimentId: string; rows: number }> {
  const name =
    experiment ?? (await store.experiments.getExperiment(run.experimentId))?.name ?? "Default";
  const { experimentId } = await target.experiments.ensureExperiment(name);
  const merged = await target.runs.createRun({
    experimentId,
    name: `${record.name} (${parts.length} shards)`,
    tags: { ...(await systemTags()), "mlflow.runType": "evaluation" },
  });
  const rows = parts.reduce((sum, part) => sum + (part.record.rows ?? 0), 0);
  const { trials, scorers, model, flakySpread, terms } = record;
  await target.results.beginEvaluation(
    merged.runId,
    withoutAbsent<EvaluationPlan>({
      name: record.name,
      rows,
      trials,
      scorers,
      dataset: { name: record.dataset.name },
      model,
      flakySpread,
      terms,
      configuration: undefined,
      keepsFields: parts.every((part) => part.record.keepsFields === true) || undefined,
      hasGroups: parts.some((part) => part.record.hasGroups === true) || undefined,
    }),
  );
  return { runId: merged.runId, experimentId, rows };
}
