import { AssayError, type ResultRow, type Run, withoutAbsent } from "../core/index.ts";
// By file: the index brings models and data formats along.
import { type FlakyRow, flakyRowsOf } from "../evaluate/flaky-rows.ts";
import type { EvaluationRecord, ResultQuery, TrackingStore } from "../store/index.ts";
import { newCommand, storeCommand, wholeNumber } from "./support/command.ts";
import { EXIT } from "./support/exit-codes.ts";
import { metricText, milliseconds, timestamp, usageText } from "./support/format.ts";
import { type Io, line } from "./support/io.ts";
import { findExperiment, findRunId, withStore } from "./support/open-store.ts";
import { printOtherMetrics } from "./support/other-metrics.ts";
import {
  gateLine,
  judgeLines,
  printFlakyRows,
  printRows,
  printSummaries,
} from "./support/report.ts";
import { childrenOf, listed, printRuns, withCompleteMetrics } from "./support/run-table.ts";
import { firstOf, type SearchFlags, searchable } from "./support/search.ts";
import { oneLine, renderTable } from "./support/table.ts";

interface Flags extends SearchFlags {
  readonly trackingUri?: string;
  readonly json?: boolean;
  readonly experiment?: string;
  readonly deleted?: boolean;
  readonly failed?: boolean;
  readonly flaky?: boolean;
  readonly worst?: string;
  readonly parts?: boolean;
  readonly scorer?: string;
}

/** `assay runs list | show | rows | calls | delete | restore`. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const command = newCommand("runs", "Runs in the tracking store", io);
  const sub = (name: string, description: string) => storeCommand(command, name, description);
  searchable(sub("list", "newest runs first"), "metrics.accuracy > 0.9 and params.model = 'm'")
    .option("--experiment <name>", "only runs of this experiment")
    .option("--deleted", "deleted runs instead")
    .action((flags: Flags) => list(flags, io));
  sub("show", "one run with its params, metrics and gates")
    .argument("<run>", "a run id, its beginning, or latest")
    .action((id: string, flags: Flags) => show(id, flags, io));
  sub("rows", "the results of an evaluation")
    .argument("<run>", "a run id, its beginning, or latest")
    .option("--failed", "only rows whose model or scorer failed")
    .option("--flaky", "only rows whose trials disagree")
    .option("--worst <scorer>", "worst scores of this scorer first")
    .option("--limit <n>", "at most this many", wholeNumber)
    .option("--parts", "with --json: votes, claims and documents with their rationales as well")
    .action((id: string, flags: Flags) => rows(id, flags, io));
  sub("calls", "what the judges of an evaluation replied")
    .argument("<run>", "a run id, its beginning, or latest")
    .option("--scorer <key>", "only calls of this judge, e.g. relevance/v1")
    .option("--limit <n>", "at most this many", wholeNumber)
    .action((id: string, flags: Flags) => calls(id, flags, io));
  sub("delete", "hide a run; its data stays until assay gc")
    .argument("<run>", "a run id or its beginning")
    .action((id: string, flags: Flags) => remove(id, flags, io));
  sub("restore", "bring a deleted run back")
    .argument("<run>", "a run id or its beginning")
    .action((id: string, flags: Flags) => restore(id, flags, io));
  await command.parseAsync(argv, { from: "user" });
  return EXIT.ok;
}

async function list(flags: Flags, io: Io): Promise<void> {
  await withStore(flags.trackingUri, io, async (store) => {
    const { experiment } = flags;
    const only = experiment === undefined ? undefined : await findExperiment(store, experiment);
    const scope = {
      ...(only !== undefined && { experimentIds: [only.experimentId] }),
      ...(flags.deleted && { lifecycle: "deleted" as const }),
    };
    const found = await firstOf((query) => store.runs.searchRuns(query), scope, flags, 1_000);
    const shown = await Promise.all(found.map((run) => listed(store, run)));
    if (flags.json) {
      const runs = shown.map(({ run }) => run);
      line(io.stdout, JSON.stringify(runs, null, 2));
      return;
    }
    if (found.length === 0) line(io.stderr, "no runs");
    printRuns(shown, io);
  });
}

async function show(wanted: string, flags: Flags, io: Io): Promise<void> {
  await withStore(flags.trackingUri, io, async (store) => {
    const runId = await findRunId(store, wanted);
    const run = (await store.runs.getRun(runId)) as Run;
    const evaluation = await store.results.getEvaluation(runId);
    const artifacts = await store.artifacts.list(run.artifactUri);
    const children = await childrenOf(store, run);
    if (flags.json) {
      const shown = withCompleteMetrics(run, evaluation);
      const below = children.map((child) => child.run.runId);
      const whole = {
        ...shown,
        evaluation,
        artifacts,
        ...(below.length > 0 && { children: below }),
      };
      line(io.stdout, JSON.stringify(whole, null, 2));
      return;
    }
    printRun(run, io);
    if (evaluation?.status === "running") {
      const { completed } = await store.results.countResults(runId);
      const planned =
        evaluation.rows === undefined ? "" : ` of ${evaluation.rows * evaluation.trials}`;
      line(
        io.stdout,
        `evaluation ${oneLine(evaluation.name)}: running, or its process was ended; ${completed}${planned} results are stored`,
      );
    } else if (evaluation !== undefined) printEvaluation(evaluation, run.metrics, io);
    else printPairs("metrics", numbers(run.metrics), io);
    for (const { path, size } of artifacts) line(io.stdout, `artifact   ${path} (${size} bytes)`);
    if (children.length === 0) return;
    line(io.stdout, "\nruns below it:");
    printRuns(children, io);
  });
}

function printRun(run: Run, io: Io): void {
  const out = io.stdout;
  line(out, `run        ${run.runId}  ${oneLine(run.name)}`);
  line(out, `experiment ${run.experimentId}`);
  line(out, `status     ${run.status}${run.lifecycleStage === "deleted" ? " (deleted)" : ""}`);
  line(out, `started    ${timestamp(run.startTime)}`);
  if (run.endTime !== undefined)
    line(out, `took       ${milliseconds(run.endTime - run.startTime)}`);
  printPairs("params", run.params, io);
  printPairs("tags", run.tags, io);
}

function printEvaluation(evaluation: EvaluationRecord, metrics: Run["metrics"], io: Io): void {
  const { outcome } = evaluation;
  line(io.stdout);
  line(io.stdout, `evaluation ${oneLine(evaluation.name)}: ${evaluation.status}`);
  if (outcome === undefined) return;
  line(io.stdout);
  printSummaries(outcome, io.stdout);
  printOtherMetrics(metrics, outcome, io.stdout);
  line(io.stdout);
  for (const problem of outcome.problems) line(io.stdout, `INCOMPLETE  ${oneLine(problem)}`);
  for (const note of outcome.notes ?? []) line(io.stdout, `note: ${oneLine(note)}`);
  for (const text of judgeLines(outcome)) line(io.stdout, text);
  const used = usageText(outcome.usage);
  if (used !== "") line(io.stdout, `used ${used}`);
  for (const gate of outcome.gates) line(io.stdout, gateLine(gate));
}

function printPairs(title: string, pairs: { readonly [key: string]: string }, io: Io): void {
  for (const [key, value] of Object.entries(pairs)) {
    line(io.stdout, `${title.padEnd(10)} ${oneLine(key)} = ${oneLine(value)}`);
  }
}

function numbers(metrics: { readonly [key: string]: number }): { [key: string]: string } {
  return Object.fromEntries(
    Object.entries(metrics).map(([key, value]) => [key, metricText(key, value)]),
  );
}

async function rows(wanted: string, flags: Flags, io: Io): Promise<void> {
  if (flags.flaky && (flags.failed || flags.worst !== undefined)) {
    throw new AssayError("invalid-argument", "Give --flaky alone: it is no order, and no failure");
  }
  if (flags.parts && (!flags.json || flags.flaky)) {
    throw new AssayError("invalid-argument", "--parts is for --json, and not with --flaky");
  }
  await withStore(flags.trackingUri, io, async (store) => {
    const runId = await findRunId(store, wanted);
    if (flags.flaky) return flakyRows(store, runId, flags, io);
    const query: ResultQuery = {
      ...(flags.failed !== undefined && { failed: flags.failed }),
      ...(flags.worst !== undefined && { worst: flags.worst }),
      ...(flags.parts !== undefined && { parts: flags.parts }),
      ...(flags.limit !== undefined && { limit: flags.limit }),
    };
    if (flags.json) {
      await writeArray(store.results.listResults(runId, query), io);
      return;
    }
    const shown: ResultRow[] = [];
    const limit = flags.limit ?? 20;
    for await (const row of store.results.listResults(runId, { ...query, limit })) shown.push(row);
    if (shown.length === 0) await sayNoRows(store, runId, io);
    else printRows(shown, io.stdout, flags.worst);
    const hasTrials = shown.some(({ trial }) => trial > 0);
    for (const { ordinal, trial, traceId } of shown.slice(0, 3)) {
      if (traceId !== undefined) {
        const which = `row ${ordinal + 1}${hasTrials ? `, trial ${trial + 1}` : ""}`;
        line(io.stdout, `${which}: npx assay traces show ${traceId.slice(0, 15)}`);
      }
    }
  });
}

/** The rows of several models or prompts are those of the runs below. */
async function sayNoRows(store: TrackingStore, runId: string, io: Io): Promise<void> {
  const run = await store.runs.getRun(runId);
  const isEvaluation = (await store.results.getEvaluation(runId)) !== undefined;
  const children = run === undefined || isEvaluation ? [] : await childrenOf(store, run);
  line(
    io.stderr,
    children.length === 0 ? "no such rows" : "no rows of its own; see the runs below it:",
  );
  if (children.length > 0) printRuns(children, io);
}

async function calls(wanted: string, flags: Flags, io: Io): Promise<void> {
  await withStore(flags.trackingUri, io, async (store) => {
    const { scorer, limit = flags.json ? undefined : 20 } = flags;
    const runId = await findRunId(store, wanted);
    const found = store.results.listCalls(runId, withoutAbsent({ scorer, limit }));
    if (flags.json) {
      await writeArray(found, io);
      return;
    }
    const cells: string[][] = [];
    for await (const call of found) {
      const outcome = call.error === undefined ? call.reply : `no reply: ${call.error}`;
      cells.push([
        call.scorer ?? "",
        oneLine(call.answeredBy ?? call.model),
        call.isCached ? "kept" : milliseconds(call.latencyMs),
        usageText(call.usage ?? {}),
        oneLine(outcome),
      ]);
    }
    if (cells.length === 0) line(io.stderr, "no calls of judges");
    const titles = ["judge", "model", "took", "used", "reply"];
    const columns = titles.map((title) => ({ title, flexible: title === "reply" }));
    for (const row of renderTable(columns, cells, io.stdout.columns)) line(io.stdout, row);
  });
}

/** A line at a time: a run may have a million rows. */
async function writeArray(items: AsyncIterable<unknown>, io: Io): Promise<void> {
  let separator = "[\n";
  for await (const item of items) {
    io.stdout.write(`${separator}${JSON.stringify(item)}`);
    separator = ",\n";
  }
  line(io.stdout, separator === "[\n" ? "[]" : "\n]");
}

async function flakyRows(store: TrackingStore, runId: string, flags: Flags, io: Io): Promise<void> {
  const evaluation = await store.results.getEvaluation(runId);
  const shown: FlakyRow[] = [];
  const limit = flags.limit ?? (flags.json ? Number.POSITIVE_INFINITY : 20);
  if (evaluation !== undefined) {
    for await (const row of flakyRowsOf(store.results, evaluation)) {
      if (shown.length >= limit) break;
      shown.push(row);
    }
  }
  if (flags.json) line(io.stdout, JSON.stringify(shown, null, 2));
  else if (shown.length === 0) line(io.stderr, "no flaky rows");
  else printFlakyRows(shown, io.stdout);
}

async function remove(wanted: string, flags: Flags, io: Io): Promise<void> {
  await withStore(flags.trackingUri, io, async (store) => {
    const runId = await findRunId(store, wanted);
    await store.runs.deleteRun(runId);
    if (flags.json) line(io.stdout, JSON.stringify({ deleted: runId }));
    else line(io.stderr, `deleted ${runId}`);
  });
}

async function restore(wanted: string, flags: Flags, io: Io): Promise<void> {
  await withStore(flags.trackingUri, io, async (store) => {
    const runId = await findRunId(store, wanted);
    await store.runs.restoreRun(runId);
    if (flags.json) line(io.stdout, JSON.stringify({ restored: runId }));
    else line(io.stderr, `restored ${runId}`);
  });
}
