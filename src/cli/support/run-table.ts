import { RUN_TAGS, type Run } from "../../core/index.ts";
// By file: the index brings models and data formats along.
import { MATRIX_TAG } from "../../evaluate/resume-matrix.ts";
import type { EvaluationRecord, TrackingStore } from "../../store/index.ts";
import { metricText, timestamp } from "./format.ts";
import { type Io, line } from "./io.ts";
import { completeMetrics } from "./output-files.ts";
import { short } from "./report.ts";
import { renderTable } from "./table.ts";

/** A run with what was evaluated in it. */
export interface ListedRun {
  /** Without metrics of scorers that lack too many scores; their summaries have them, with counts. */
  readonly run: Run;
  readonly evaluation: EvaluationRecord | undefined;
}

export async function listed({ results }: TrackingStore, run: Run): Promise<ListedRun> {
  const evaluation = await results.getEvaluation(run.runId);
  return { run: withCompleteMetrics(run, evaluation), evaluation };
}

export function withCompleteMetrics(run: Run, evaluation: EvaluationRecord | undefined): Run {
  const outcome = evaluation?.outcome ?? { incompleteScorers: [] };
  return { ...run, metrics: completeMetrics(run.metrics, outcome) };
}

/** As many children as are shown; a run of several models and prompts has fewer. */
const CHILDREN_SHOWN = 200;

/** The runs below one, such as those of its models and prompts, in the order in which they began. */
export async function childrenOf(store: TrackingStore, parent: Run): Promise<ListedRun[]> {
  const { items } = await store.runs.searchRuns({
    experimentIds: [parent.experimentId],
    filter: `tags.\`${RUN_TAGS.parentRunId}\` = '${parent.runId}'`,
    orderBy: ["attributes.start_time ASC"],
    maxResults: CHILDREN_SHOWN,
  });
  return Promise.all(items.map((run) => listed(store, run)));
}

/** One line per run. */
export function printRuns(runs: readonly ListedRun[], { stdout }: Pick<Io, "stdout">): void {
  const cells = runs.map(({ run, evaluation }) => [
    short(run.runId),
    run.name,
    evaluation?.name ?? "",
    evaluation?.status ?? statusOf(run),
    evaluation?.outcome?.decision ?? "",
    timestamp(run.startTime),
    headline(run),
  ]);
  const titles = ["run", "name", "evaluation", "status", "decision", "started", "metrics"];
  const columns = titles.map((title) => ({ title, flexible: title === "metrics" }));
  for (const row of renderTable(columns, cells, stdout.columns)) line(stdout, row);
}

/** Of several models or prompts the parent is stopped as its cells are, and goes on with them. */
function statusOf({ status, tags }: Run): string {
  const isInterrupted = status === "KILLED" && tags[MATRIX_TAG] !== undefined;
  return isInterrupted ? "interrupted" : status.toLowerCase();
}

function headline({ metrics }: Run): string {
  return Object.entries(metrics)
    .filter(([key]) => !/\/(variance|p90|median|min|max)$/.test(key) && !key.startsWith("latency/"))
    .map(([key, value]) => `${key} ${metricText(key, value)}`)
    .join(", ");
}
