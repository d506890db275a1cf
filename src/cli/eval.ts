import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { AssayError, describeError, isAssayError, redactText } from "../core/index.ts";
import {
  type CellResult,
  type EvaluateOptions,
  type EvaluateResult,
  isMatrix,
  keepHeapSmall,
  type MatrixOptions,
  type MatrixPlan,
  matrixToResume,
  type Plan,
  type Progress,
  planEvaluation,
  planMatrix,
  planSharedRun,
  runMatrix,
  runOrResume,
  runPlan,
  runToResume,
} from "../evaluate/index.ts";
import { closeStores, getTrackingUri, storeAt } from "../tracking/index.ts";
import { printComparison } from "./support/comparison.ts";
import { loadConfig } from "./support/config.ts";
import { printDryRun } from "./support/dry-run.ts";
import { evalCommand } from "./support/eval-command.ts";
import { collectEvaluations, type EvalFlags, withEnvFile } from "./support/eval-options.ts";
import { EXIT, exitOfResult, exitOfWorker, overallExit } from "./support/exit-codes.ts";
import { reportToGitHub } from "./support/github.ts";
import { stopOnInterrupt } from "./support/interruption.ts";
import { type Io, line } from "./support/io.ts";
import { checkKeptBaseline, keepBaseline } from "./support/keep-baseline.ts";
import { findRunId } from "./support/open-store.ts";
import { checkOutputs, toJson, writeOutputs } from "./support/output-files.ts";
import { progressPrinter } from "./support/progress.ts";
import { printNextSteps, printReport } from "./support/report.ts";
import { tellOfPauses } from "./support/tell-of-pauses.ts";
import { collectModules, dataFile, namedFiles, reportFiles } from "./support/watched-files.ts";

/** `assay eval`: runs evaluations, prints what they found, and exits by their gates. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const command = evalCommand(io).parse(argv, { from: "user" });
  const { files, flags } = withResumedFile(command.args, command.opts<EvalFlags>());
  if (flags.watch === true) {
    const { watchEvaluation } = await import("./watch.ts");
    return watchEvaluation(
      argv.filter((argument) => argument !== "--watch" && argument !== "-w"),
      io,
    );
  }
  keepHeapSmall();
  return runEvaluations(files, flags, io);
}

/** What follows --resume is its run, or, where it cannot be one, the first file. */
function withResumedFile(
  files: readonly string[],
  flags: EvalFlags,
): { readonly files: readonly string[]; readonly flags: EvalFlags } {
  const { resume } = flags;
  const isRun = (text: string) => /^(?:latest|[0-9a-f]{4,32})$/.test(text) && !existsSync(text);
  if (typeof resume !== "string" || isRun(resume)) return { files, flags };
  return { files: [resume, ...files], flags: { ...flags, resume: true } };
}

export async function runEvaluations(
  files: readonly string[],
  flags: EvalFlags,
  outer: Io,
): Promise<number> {
  const io = withEnvFile(outer, flags.envFile);
  const outputs = flags.output ?? [];
  checkOutputs(outputs, io);
  checkKeptBaseline(flags.saveBaseline, io);
  const modules = flags.watched === true ? collectModules() : undefined;
  const config = await loadConfig(resolve(io.cwd));
  const evaluations = await collectEvaluations(files, flags, config, io).finally(() => {
    if (modules !== undefined) reportFiles([...modules, ...namedFiles(files, flags, io)]);
  });
  if (modules !== undefined) reportFiles(evaluations.flatMap(dataFile));
  checkSingle("--resume", flags.resume, evaluations.length);
  checkAdaptiveBaseline(flags, evaluations);
  checkBaselineFile(flags, evaluations);
  const resumed = await resumedRun(flags, evaluations);
  checkSingle("--run", flags.run, evaluations.length);
  checkSingle("--save-baseline", flags.saveBaseline, evaluations.length);
  const stop = new AbortController();
  const started: Started[] = [];
  try {
    // All of them, so that what is wrong with the last is found before the first is paid for.
    const plans: Job[] = [];
    for (const options of evaluations) {
      const whole = {
        ...options,
        ...resumed,
        signal: stop.signal,
        ...progressListener(options, started, flags, io),
      };
      plans.push(isMatrix(whole) ? await planMatrix(whole) : await planEvaluation(whole));
    }
    if (flags.dryRun) return await printDryRun(await outlooks(plans), io, flags.json === true);
    if (flags.planOnly) return await planAll(plans.map(single), flags, io);
    const endTelling = flags.quiet ? undefined : tellOfPauses(io.stderr);
    return await runAll(plans, { stop, started }, flags, io).finally(endTelling);
  } finally {
    await closeStores();
  }
}

/** The run that `--resume` names by the beginning of its id, or as the latest. */
async function resumedRun(
  { resume }: EvalFlags,
  [evaluation]: readonly (EvaluateOptions | MatrixOptions)[],
): Promise<{ readonly resume?: string }> {
  if (typeof resume !== "string" || evaluation === undefined) return {};
  const store = await storeAt(evaluation.trackingUri ?? getTrackingUri());
  return { resume: await findRunId(store, resume) };
}

/** An evaluation that has a run in the store. */
interface Started {
  readonly name: string;
  readonly runId: string;
}

/** Shows progress unless it is not wanted, and the id of a shared run whether it is or not. */
function progressListener(
  { shared, onProgress }: EvaluateOptions | MatrixOptions,
  started: Started[],
  { quiet }: EvalFlags,
  io: Io,
): Pick<EvaluateOptions, "onProgress"> {
  const show = quiet ? undefined : progressPrinter(io.stderr);
  const tell = (progress: Progress) => {
    show?.(progress);
    if (progress.kind === "started") {
      started.push({ name: progress.name, runId: progress.runId });
      if (shared) {
        line(
          io.stderr,
          `other processes take part with the same command and --run ${progress.runId} --worker`,
        );
      }
    }
    // Last: the file's own listener may fail.
    onProgress?.(progress);
  };
  return { onProgress: tell };
}

/** A run is one evaluation's. */
function checkSingle(flag: string, run: string | true | undefined, evaluations: number): void {
  if (typeof run !== "string" || evaluations === 1) return;
  throw new AssayError(
    "invalid-argument",
    `${flag} ${run} is about one run, and there are ${evaluations} evaluations; name the one that it is of`,
  );
}

/** @throws {AssayError} `invalid-argument`: a file is the baseline of one run, an alias of each cell's. */
function checkBaselineFile(
  { saveBaseline }: EvalFlags,
  evaluations: readonly (EvaluateOptions | MatrixOptions)[],
): void {
  if (saveBaseline === undefined || saveBaseline.startsWith("@")) return;
  if (!evaluations.some(isMatrix)) return;
  throw new AssayError(
    "invalid-argument",
    `--save-baseline ${saveBaseline} is about one run, and there are several models or prompts; give an @alias, which is kept for each`,
  );
}

/** @throws {AssayError} `invalid-argument`: a run that may stop early is no baseline. */
function checkAdaptiveBaseline(
  { saveBaseline }: EvalFlags,
  evaluations: readonly (EvaluateOptions | MatrixOptions)[],
): void {
  if (saveBaseline === undefined || !evaluations.some(({ budget }) => budget === "adaptive"))
    return;
  throw new AssayError(
    "invalid-argument",
    "A run with an adaptive budget may judge part of the rows, which is no baseline; leave --save-baseline or --budget out",
  );
}

/** Writes the rows for workers, and prints the ids of the runs that they are to take part in. */
async function planAll(plans: readonly Plan[], flags: EvalFlags, io: Io): Promise<number> {
  const runs: { readonly name: string; readonly runId: string }[] = [];
  for (const plan of plans) {
    const runId = await planSharedRun(plan);
    runs.push({ name: plan.name, runId });
    if (flags.json !== true) line(io.stdout, runId);
  }
  if (flags.json === true) line(io.stdout, JSON.stringify(runs, null, 2));
  return EXIT.ok;
}

/** One evaluation, or several models or prompts on the same data. */
type Job = Plan | MatrixPlan;

function isOfCells(job: Job): job is MatrixPlan {
  return "cells" in job;
}

/** What there is to do, with the runs that would go on. */
async function outlooks(jobs: readonly Job[]) {
  const found: { readonly plan: Plan; readonly runId: string | undefined }[] = [];
  for (const job of jobs) {
    if (isOfCells(job)) {
      const runs = await matrixToResume(job, jobs.length === 1);
      found.push(...job.cells.map(({ plan }, at) => ({ plan, runId: runs[at] })));
    } else {
      found.push({ plan: job, runId: await runToResume(job, jobs.length === 1) });
    }
  }
  return found;
}

/** @throws {AssayError} `invalid-argument` for several models or prompts, whose runs are not shared. */
function single(job: Job): Plan {
  if (!isOfCells(job)) return job;
  throw new AssayError(
    "invalid-argument",
    "--plan-only is for one model and prompt; share the evaluation of each by itself",
  );
}

async function runAll(
  plans: readonly Job[],
  { stop, started }: { readonly stop: AbortController; readonly started: readonly Started[] },
  flags: EvalFlags,
  io: Io,
): Promise<number> {
  const results: EvaluateResult[] = [];
  const isAlone = plans.length === 1 && !plans.some(isOfCells);
  const open = () => {
    const last = started.at(-1);
    return results.some(({ runId }) => runId === last?.runId) ? undefined : last;
  };
  const interruption = stopOnInterrupt(stop, io, () => {
    const left = open();
    return left && waysOn(left.runId, isAlone, flags);
  });
  const codes: number[] = [];
  const brokenOff: object[] = [];
  try {
    for (const plan of plans) {
      if (isOfCells(plan)) {
        const onResult = (result: CellResult) => void results.push(result);
        const how = { onResult, isAlone: plans.length === 1 };
        codes.push(await runCells(plan, how, flags, io));
      } else {
        const { strict, worker, resume } = plan.options;
        const result = await (resume === true && !isAlone ? runOrResume(plan) : runPlan(plan));
        results.push(result);
        codes.push(worker ? exitOfWorker(result) : exitOfResult(result, strict === true));
        await report(result, flags, io, isAlone);
        if (flags.saveBaseline !== undefined) {
          const store = await storeAt(plan.options.trackingUri ?? getTrackingUri());
          await keepBaseline(store, result, flags.saveBaseline, io);
        }
      }
      if (stop.signal.aborted) break;
    }
    if (stop.signal.aborted && results.every(({ status }) => status !== "interrupted")) {
      const planned = plans.reduce((sum, job) => sum + (isOfCells(job) ? job.cells.length : 1), 0);
      line(io.stderr, interruptedBetween(results.length, planned));
    }
  } catch (error) {
    const code = interruption.exitCode();
    if (code === undefined || !isAssayError(error, "cancelled")) {
      const left = open();
      if (left === undefined) throw error;
      const problems = [redactText(describeError(error))];
      brokenOff.push({ ...left, status: "failed", problems });
      throw withWaysOn(error, waysOn(left.runId, isAlone, flags));
    }
    line(io.stderr, `interrupted: ${error.message}`);
  } finally {
    interruption.end();
    // Also when a later evaluation broke off: what was paid for is handed over.
    if (flags.json === true) {
      line(io.stdout, JSON.stringify([...results.map(toJson), ...brokenOff], null, 2));
    }
    // A file from before is not emptied by a run that gave nothing.
    if (results.length > 0) await writeOutputs(results, flags.output, io);
    if (flags.worker !== true) reportToGitHub(results.map(toJson), io);
  }
  return interruption.exitCode() ?? overallExit(codes);
}

/** Runs the cells of a matrix, reports each and then compares them; resolves to the exit code of all. */
async function runCells(
  plan: MatrixPlan,
  how: Parameters<typeof runMatrix>[1],
  flags: EvalFlags,
  io: Io,
): Promise<number> {
  const { runs, notes } = await runMatrix(plan, how);
  for (const note of notes) line(io.stderr, `note: ${note}`);
  const { strict = false, gateCells } = plan.options;
  for (const result of runs) {
    if (flags.saveBaseline !== undefined) {
      const store = await storeAt(plan.options.trackingUri ?? getTrackingUri());
      await keepBaseline(store, result, flags.saveBaseline, io);
    }
    if (flags.json !== true) line(io.stdout, `\n${result.name}`);
    await report(result, flags, io, false);
  }
  if (flags.json !== true) printComparison(runs, io.stdout);
  const codes = runs.map((result) => exitOfResult(result, strict));
  return gateCells === "some" && codes.includes(EXIT.ok) ? EXIT.ok : overallExit(codes);
}

/** @param planned - Evaluations and cells that there are, of which `done` have ended and no other was begun. */
function interruptedBetween(done: number, planned: number): string {
  if (done === planned) return "interrupted, but all is finished: there is nothing to resume";
  return `interrupted: ${done} of ${planned} evaluations are finished and stored, the others were not begun; the same command with --resume goes on`;
}

/** @param isAlone - Whether `--resume` with its run is enough to go on with it; else all are gone through again. */
function waysOn(runId: string, isAlone: boolean, { worker }: EvalFlags): string {
  const goesOn = worker
    ? "the same command takes part again"
    : `the same command with --resume${isAlone ? ` ${runId}` : ""} goes on`;
  return `what was finished is stored; ${goesOn}`;
}

/** A run that another process has taken is that one's to go on with, and a defect of ours to be mended first. */
function withWaysOn(error: unknown, ways: string): unknown {
  const isOpen = isAssayError(error) && error.code !== "conflict" && error.code !== "internal";
  if (!isOpen) return error;
  const { code, message, cause } = error;
  return new AssayError(code, `${message.replace(/\.$/, "")}; ${ways}`, { cause });
}

/** @param isAlone - As of {@link waysOn}. */
async function report(
  result: EvaluateResult,
  flags: EvalFlags,
  io: Io,
  isAlone: boolean,
): Promise<void> {
  if (flags.json === true) {
    for (const problem of result.problems) {
      line(io.stderr, `INCOMPLETE  ${result.name}: ${problem}`);
    }
  } else {
    await printReport(result, io.stdout);
  }
  if (result.status === "interrupted") {
    line(io.stderr, `interrupted: ${waysOn(result.runId, isAlone, flags)}`);
    return;
  }
  if (flags.json !== true) await printNextSteps(result, io.stdout, flags.trackingUri);
  if (result.stop !== undefined) {
    // The time of a run begins again with each process, what it spent is the run's.
    const isUsedUp = !result.stop.endsWith("(runTimeoutMs)");
    const ways = waysOn(result.runId, isAlone, flags);
    line(io.stderr, `stopped: ${ways}${isUsedUp ? ", with a higher limit" : ""}`);
  }
}
