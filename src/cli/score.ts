import { resolve } from "node:path";
import { AssayError, type Scorer, scorerKey, withoutAbsent } from "../core/index.ts";
import { type EvaluateResult, type ScoreTracesOptions, scoreTraces } from "../evaluate/index.ts";
import { resolveTrackingUri } from "../store/index.ts";
import { closeStores, experimentNameFrom } from "../tracking/index.ts";
import {
  collect,
  dollars,
  duration,
  integer,
  newCommand,
  positiveNumber,
  share,
  wholeNumber,
} from "./support/command.ts";
import { judgeModelFrom, loadConfig } from "./support/config.ts";
import { withEnvFile } from "./support/eval-options.ts";
import { EXIT, exitOfResult, overallExit } from "./support/exit-codes.ts";
import { stopOnInterrupt } from "./support/interruption.ts";
import { type Io, line } from "./support/io.ts";
import { namedJudges } from "./support/named-judges.ts";
import { checkOutputs, toJson, writeOutputs } from "./support/output-files.ts";
import { progressPrinter } from "./support/progress.ts";
import { printReport } from "./support/report.ts";

interface Flags {
  readonly traces?: string;
  readonly judge?: readonly string[];
  readonly judgeModel?: string;
  readonly set?: readonly string[];
  readonly sample?: number;
  readonly seed?: number;
  readonly limit?: number;
  readonly experiment?: string;
  readonly gate?: readonly string[];
  readonly concurrency?: number;
  readonly timeout?: number;
  readonly rpm?: number;
  readonly tpm?: number;
  readonly maxCost?: number;
  readonly maxTokens?: number;
  readonly maxFailed?: number;
  readonly traceJudges?: boolean;
  readonly envFile?: string;
  readonly trackingUri?: string;
  readonly output?: readonly string[];
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `assay score`: gives stored traces the verdicts that they lack. */
export async function run(argv: readonly string[], outer: Io): Promise<number> {
  const command = newCommand("score", "Judge stored traces; each gets its verdict once", outer)
    .option("--traces <filter>", 'which traces, e.g. "status = \'OK\'"; "" for all')
    .option(
      "--judge <name>",
      "a judge: built in, of the folder judges, or a file; repeatable",
      collect,
    )
    .option("--judge-model <uri>", "model of the judges")
    .option("--set <name=text>", "a setting of the judges, e.g. guidelines=…; repeatable", collect)
    .option("--sample <share>", "a share of the traces, e.g. 10%, the same ones every time", share)
    .option("--seed <n>", "seed of the sample; default 0", integer)
    .option("--limit <n>", "at most n traces, the newest", wholeNumber)
    .option("--experiment <name>", "only its traces; the run is stored there as well")
    .option("--gate <condition>", 'e.g. "safety/v1/mean >= 99%"; repeatable', collect)
    .option("-j, --concurrency <n>", "traces in flight at once", wholeNumber)
    .option("--timeout <duration>", "how long a judge may take for a trace, e.g. 30s", duration)
    .option("--rpm <n>", "requests per minute of each provider, key and model", positiveNumber)
    .option("--tpm <n>", "tokens per minute, likewise", wholeNumber)
    .option("--max-cost <usd>", "what judges may cost before no more traces are taken", dollars)
    .option("--max-tokens <n>", "tokens they may use before that", wholeNumber)
    .option("--max-failed <share>", "traces that may lack a score before exit 4, e.g. 2%", share)
    .option("--trace-judges", "trace the calls of judges, each verdict in a trace of its own")
    .option("--env-file <file>", "read variables from a file")
    .option("--tracking-uri <uri>", "tracking store, e.g. sqlite:///assay.db")
    .option("-o, --output <file>", "write .json, .jsonl or .csv; repeatable", collect)
    .option("--json", "print one JSON array instead of tables")
    .option("--quiet", "no progress")
    .parse(argv, { from: "user" });
  const flags = command.opts<Flags>();
  const io = withEnvFile(outer, flags.envFile);
  checkOutputs(flags.output ?? [], io);
  const judges = judgesOf(flags, io);
  const options = await optionsOf(flags, io);
  const stop = new AbortController();
  const interruption = stopOnInterrupt(
    stop,
    io,
    () => "what was judged is stored; the same command goes on",
  );
  const results: EvaluateResult[] = [];
  try {
    for (const judge of judges) {
      const result = await scoreTraces({ ...options, scorer: judge, signal: stop.signal });
      if (result === undefined) {
        line(io.stderr, `${scorerKey(judge.scorer)}: no trace lacks its verdict`);
      } else {
        results.push(result);
        if (flags.json !== true) await printReport(result, io.stdout);
      }
      if (stop.signal.aborted) break;
    }
    if (flags.json) line(io.stdout, JSON.stringify(results.map(toJson), null, 2));
    if (results.length > 0) await writeOutputs(results, flags.output, io);
  } finally {
    interruption.end();
    await closeStores();
  }
  const codes = results.map((result) => exitOfResult(result, false));
  return interruption.exitCode() ?? (codes.length === 0 ? EXIT.ok : overallExit(codes));
}

function judgesOf({ judge = [], traces, set }: Flags, io: Io): Scorer[] {
  if (traces === undefined || judge.length === 0) {
    throw new AssayError(
      "invalid-argument",
      `Expected --traces with a filter and --judge with a judge, e.g. assay score --traces "status = 'OK'" --judge safety`,
    );
  }
  return namedJudges(judge, set, io.cwd);
}

async function optionsOf(flags: Flags, io: Io): Promise<Omit<ScoreTracesOptions, "scorer">> {
  const config = await loadConfig(resolve(io.cwd));
  const { env } = io;
  return withoutAbsent<Omit<ScoreTracesOptions, "scorer">>({
    traces: flags.traces ?? "",
    judgeModel: judgeModelFrom(flags.judgeModel, env, config.judgeModel),
    sample: flags.sample,
    seed: flags.seed,
    limit: flags.limit,
    experiment: flags.experiment ?? experimentNameFrom(env),
    gates: flags.gate,
    concurrency: flags.concurrency ?? config.concurrency,
    timeoutMs: flags.timeout,
    rpm: flags.rpm ?? config.rpm,
    tpm: flags.tpm ?? config.tpm,
    maxCost: flags.maxCost,
    maxTokens: flags.maxTokens,
    maxFailed: flags.maxFailed,
    prices: config.prices,
    redact: config.redact,
    traceJudges: flags.traceJudges,
    trackingUri: resolveTrackingUri(flags.trackingUri, env, config.trackingUri),
    onProgress: flags.quiet ? undefined : progressPrinter(io.stderr),
    env,
  });
}
