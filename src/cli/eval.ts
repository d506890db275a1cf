import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { InvalidArgumentError, Option } from "commander";
import { AssayError } from "../core/index.ts";
import { DATA_ENDINGS } from "../datasets/index.ts";
import {
  type EvaluateOptions,
  type EvaluateResult,
  type Plan,
  type Progress,
  planEvaluation,
  planSharedRun,
  runPlan,
  StopWithin,
} from "../evaluate/index.ts";
import { closeStores } from "../tracking/index.ts";
import {
  age,
  collect,
  dollars,
  duration,
  integer,
  keyValue,
  newCommand,
  positiveNumber,
  sampleSize,
  share,
  wholeNumber,
} from "./support/command.ts";
import { loadConfig } from "./support/config.ts";
import { printDryRun } from "./support/dry-run.ts";
import { collectEvaluations, type EvalFlags, withEnvFile } from "./support/eval-options.ts";
import { EXIT, exitOfResult, exitOfWorker, overallExit } from "./support/exit-codes.ts";
import { type Io, line } from "./support/io.ts";
import { checkOutputs, toJson, writeOutput } from "./support/output-files.ts";
import { progressPrinter } from "./support/progress.ts";
import { printNextSteps, printReport } from "./support/report.ts";
import { collectModules, type WatchedFiles } from "./support/watched-files.ts";

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
  return runEvaluations(files, flags, io);
}

/** Files that the command line names; those that are none are named otherwise. */
function namedFiles(files: readonly string[], { data, prompt }: EvalFlags, io: Io): string[] {
  return [...files, data ?? [], prompt ?? []]
    .flat()
    .map((file) => resolve(io.cwd, file))
    .filter((file) => existsSync(file));
}

function dataFile({ data, baseDir = "." }: EvaluateOptions): string[] {
  const file = typeof data === "string" ? resolve(baseDir, data) : undefined;
  return file !== undefined && existsSync(file) ? [file] : [];
}

/** Tells the process that watches what this run depends on. */
function reportFiles(files: readonly string[]): void {
  process.send?.({ files } satisfies WatchedFiles);
}

/** What follows --resume is its run, or, where it cannot be one, the first file. */
function withResumedFile(
  files: readonly string[],
  flags: EvalFlags,
): { readonly files: readonly string[]; readonly flags: EvalFlags } {
  const { resume } = flags;
  if (typeof resume !== "string" || /^[0-9a-f]{32}$/.test(resume)) return { files, flags };
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
  const modules = flags.watched === true ? collectModules() : undefined;
  const config = await loadConfig(resolve(io.cwd));
  const evaluations = await collectEvaluations(files, flags, config, io).finally(() => {
    if (modules !== undefined) reportFiles([...modules, ...namedFiles(files, flags, io)]);
  });
  if (modules !== undefined) reportFiles(evaluations.flatMap(dataFile));
  checkSingle("--resume", flags.resume, evaluations.length);
  checkSingle("--run", flags.run, evaluations.length);
  const stop = new AbortController();
  try {
    // All of them, so that what is wrong with the last is found before the first is paid for.
    const plans: Plan[] = [];
    for (const options of evaluations) {
      const listener = progressListener(options, flags, io);
      plans.push(await planEvaluation({ ...options, signal: stop.signal, ...listener }));
    }
    if (flags.dryRun) return await printDryRun(plans, io, flags.json === true);
    if (flags.planOnly) return await planAll(plans, flags, io);
    return await runAll(plans, stop, flags, io);
  } finally {
    await closeStores();
  }
}

/** Shows progress unless it is not wanted, and the id of a shared run whether it is or not. */
function progressListener(
  { shared, onProgress }: EvaluateOptions,
  { quiet }: EvalFlags,
  io: Io,
): Pick<EvaluateOptions, "onProgress"> {
  const show = quiet ? onProgress : progressPrinter(io.stderr);
  const tell = (progress: Progress) => {
    show?.(progress);
    if (progress.kind !== "started" || !shared) return;
    line(
      io.stderr,
      `other processes take part with the same command and --run ${progress.runId} --worker`,
    );
  };
  return show === undefined && !shared ? {} : { onProgress: tell };
}

/** A run is one evaluation's. */
function checkSingle(flag: string, run: string | true | undefined, evaluations: number): void {
  if (typeof run !== "string" || evaluations === 1) return;
  throw new AssayError(
    "invalid-argument",
    `${flag} ${run} is one run, and there are ${evaluations} evaluations; name the one that it is of`,
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

async function runAll(
  plans: readonly Plan[],
  stop: AbortController,
  flags: EvalFlags,
  io: Io,
): Promise<number> {
  const interruption = stopOnInterrupt(stop, io);
  const results: EvaluateResult[] = [];
  const codes: number[] = [];
  try {
    for (const plan of plans) {
      const result = await runPlan(plan);
      results.push(result);
      const { strict, worker } = plan.options;
      codes.push(worker ? exitOfWorker(result) : exitOfResult(result, strict === true));
      await report(result, flags, io);
      if (stop.signal.aborted) break;
    }
    if (stop.signal.aborted && results.every(({ status }) => status !== "interrupted")) {
      line(io.stderr, "interrupted, but what was begun is finished: there is nothing to resume");
    }
  } finally {
    interruption.end();
    // Also when a later evaluation broke off: what was paid for is handed over.
    if (flags.json === true) line(io.stdout, JSON.stringify(results.map(toJson), null, 2));
    for (const file of flags.output ?? []) await writeOutput(file, results, io);
  }
  return interruption.exitCode() ?? overallExit(codes);
}

async function report(result: EvaluateResult, flags: EvalFlags, io: Io): Promise<void> {
  if (flags.json === true) {
    for (const problem of result.problems) line(io.stderr, `INCOMPLETE  ${problem}`);
  } else {
    await printReport(result, io.stdout);
  }
  if (result.status === "interrupted") {
    const goesOn = flags.worker
      ? "the same command takes part again"
      : `the same command with --resume ${result.runId} goes on`;
    line(io.stderr, `interrupted: what was finished is stored; ${goesOn}`);
  } else if (flags.json !== true) {
    await printNextSteps(result, io.stdout, flags.trackingUri);
  }
}

/** What sends a SIGTERM, such as Kubernetes, kills after 30 s. */
const GRACE_OF_SIGTERM_MS = 20_000;

/** Aborts on the first Ctrl-C or SIGTERM so that what is in flight is committed; a second one ends at once. */
function stopOnInterrupt(stop: AbortController, io: Io) {
  let exitCode: number | undefined;
  const end = io.onInterrupt((signal) => {
    const code = signal === "SIGTERM" ? EXIT.terminated : EXIT.interrupted;
    if (stop.signal.aborted) process.exit(code);
    exitCode = code;
    line(io.stderr, "\nstopping: finishing and storing what is in flight (again to stop at once)");
    stop.abort(signal === "SIGTERM" ? new StopWithin(GRACE_OF_SIGTERM_MS) : undefined);
  });
  return { end, exitCode: () => exitCode };
}

function evalCommand(io: Io) {
  return newCommand(
    "eval",
    "Evaluate a model, or outputs made beforehand, and gate on the result",
    io,
  )
    .argument(
      "[files...]",
      `eval files (*.eval.ts, *.eval.mjs) or data (${DATA_ENDINGS}, - for standard input, datasets:/name)`,
    )
    .option(
      "--data <file>",
      "data to evaluate on: a file, -, datasets:/name or datasets:/name@version",
    )
    .option("--traces <filter>", "evaluate stored traces, e.g. \"status = 'OK'\"")
    .option("--model <uri>", "the model under test, e.g. openai:/gpt-4o-mini")
    .option("--prompt <text|file>", "prompt for a model URI, with {{ name }} for the inputs")
    .option(
      "--model-type <type>",
      "adds default metrics: question-answering, text-summarization, text, retriever, classifier, regressor",
    )
    .option("--judge <name>", "adds a built-in judge; repeatable", collect)
    .option("--judge-model <uri>", "model of the judges")
    .option("--gate <condition>", 'e.g. "relevance/v1/mean >= 4"; repeatable', collect)
    .option("--targets <column>", "column with the expected answer")
    .option("--predictions <column>", "column with outputs made beforehand")
    .option(
      "--map <name=column>",
      "where the data has what, e.g. context=passages; repeatable",
      keyValue,
    )
    .option("--experiment <name>", "experiment to store the run in")
    .option("--run-name <name>", "name of the run")
    .option("--tag <key=value>", "tag of the run; repeatable", keyValue)
    .option("-j, --concurrency <n>", "rows in flight at once", wholeNumber)
    .option("--timeout <duration>", "how long the model may take for a row, e.g. 30s", duration)
    .option(
      "--run-timeout <duration>",
      "how long the run may go on before it takes no more rows",
      duration,
    )
    .option(
      "--grace <duration>",
      "how long what is in flight may take after Ctrl-C or SIGTERM",
      duration,
    )
    .option("--max-cost <usd>", "what models may cost before the run takes no more rows", dollars)
    .option("--max-tokens <n>", "tokens they may use before that", wholeNumber)
    .option("--rpm <n>", "requests per minute of each provider, key and model", positiveNumber)
    .option("--tpm <n>", "tokens per minute, likewise", wholeNumber)
    .option("--resume [run]", "go on with a run: the one named, else the latest unfinished one")
    .option("--retry-failed", "with --resume: make failed results again")
    .option("--allow-changed-data", "with --resume: keep the rows that are still there")
    .option("--cache", "use kept answers for the model under test too, not only for judges")
    .option("--no-cache", "ask every time, judges too")
    .option("--cache-ttl <age>", "for how long a kept answer counts, e.g. 7d", age)
    .option("--shuffle", "take the rows in an order that the seed decides")
    .option("--shared", "let other processes take part in the run, with --run and --worker")
    .option("--plan-only", "begin a shared run, print its id and leave the work to workers")
    .option("--run <id>", "with --worker: the shared run to take part in")
    .option("--worker", "take part in a shared run; exit 0 when nothing is left of it")
    .option("--trials <n>", "repetitions of each row", wholeNumber)
    .option(
      "--trial-reducer <name>",
      "metric of the trials beside their mean, e.g. pass_at_3, pass_hat_3, mode; repeatable",
      collect,
    )
    .option("--limit <n>", "only the first n rows", wholeNumber)
    .option("--sample <share|n>", "a share of the rows, e.g. 10%, or n of them", sampleSize)
    .option("--seed <n>", "seed of the sample and of --shuffle; default 0", integer)
    .option("--max-failed <share>", "results that may lack a score before exit 4, e.g. 2%", share)
    .option("--strict", "a gate passes only when its whole interval does")
    .option("-w, --watch", "run again when a file that the evaluation is made of changes")
    .addOption(new Option("--watched").hideHelp())
    .option("--dry-run", "count rows and calls, run nothing")
    .option("--env-file <file>", "read variables from a file")
    .option("--tracking-uri <uri>", "tracking store, e.g. sqlite:///assay.db")
    .option("--redact <mode>", "secrets (default) or off", redactMode)
    .option(
      "-o, --output <file>",
      "write .json, or one result per line to .jsonl or .csv; repeatable",
      collect,
    )
    .option("--json", "print one JSON array instead of tables")
    .option("--quiet", "no progress");
}

function redactMode(mode: string): "secrets" | "off" {
  if (mode === "secrets" || mode === "off") return mode;
  throw new InvalidArgumentError("Expected secrets or off.");
}
