import { type Command, InvalidArgumentError, Option } from "commander";
import { DATA_ENDINGS } from "../../datasets/index.ts";
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
} from "./command.ts";
import type { Io } from "./io.ts";
import { OUTPUT_HELP } from "./output-files.ts";

/** `assay eval` with its flags, which {@link EvalFlags} types. */
export function evalCommand(io: Io): Command {
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
      "data to evaluate on, in the place of an eval file's: a file, -, datasets:/name or datasets:/name@version",
    )
    .option("--traces <filter>", "likewise: stored traces, e.g. \"status = 'OK'\"")
    .option("--model <uri>", "the model under test, e.g. openai:/gpt-4o-mini; repeatable", collect)
    .option(
      "--prompt <text|file>",
      "prompt for a model URI, with {{ name }} for the inputs; repeatable",
      collect,
    )
    .option(
      "--model-type <type>",
      "adds default metrics: question-answering, text-summarization, text, retriever, classifier, regressor",
    )
    .option(
      "--judge <name>",
      "adds a judge: built in, of the folder judges, or the path of its file; repeatable",
      collect,
    )
    .option("--judge-model <uri>", "model of the judges")
    .option("--set <name=text>", "a setting of the judges, e.g. guidelines=…; repeatable", collect)
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
    .option("--call-timeout <duration>", "how long one request to a provider may take", duration)
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
    .option("--shard <i/n>", "the i-th of n parts of the rows, e.g. 3/8; assay merge joins them")
    .option("--trials <n>", "repetitions of each row", wholeNumber)
    .option(
      "--trial-reducer <name>",
      "metric of the trials beside their mean, e.g. pass_at_3, pass_hat_3, mode; repeatable",
      collect,
    )
    .option("--limit <n>", "only the first n rows", wholeNumber)
    .option(
      "--filter <field=value>",
      "only the rows with this value, or with != without it, e.g. category=sports; repeatable",
      collect,
    )
    .option("--sample <share|n>", "a share of the rows, e.g. 10%, or n of them", sampleSize)
    .option("--seed <n>", "seed of the sample and of --shuffle; default 0", integer)
    .option("--max-failed <share>", "results that may lack a score before exit 4, e.g. 2%", share)
    .option("--strict", "a gate passes only when its whole interval does")
    .option("--guarantee <kind>", "exact: intervals that hold whatever the distribution", guarantee)
    .option("--budget <kind>", "adaptive: stop judging when every gate is certain", budget)
    .option(
      "--baseline <baseline>",
      "what gates compare with: a run id, branch:main, @alias, file.baseline.json",
    )
    .option("--allow-mismatch", "compare with a baseline of other data or another judge")
    .option(
      "--save-baseline <baseline>",
      "a finished run whose gates pass becomes @alias or file.baseline.json",
    )
    .option("--trace-judges", "trace the calls of judges, each verdict in a trace of its own")
    .option("-w, --watch", "run again when a file that the evaluation is made of changes")
    .addOption(new Option("--watched").hideHelp())
    .option("--dry-run", "count rows and calls, run nothing")
    .option("--env-file <file>", "read variables from a file")
    .option("--tracking-uri <uri>", "tracking store, e.g. sqlite:///assay.db")
    .option("--redact <mode>", "secrets (default) or off", redactMode)
    .option("-o, --output <file>", OUTPUT_HELP, collect)
    .option("--json", "print one JSON array instead of tables")
    .option("--quiet", "no progress");
}

/** `exact` or `standard`. */
export function guarantee(kind: string): "exact" | "standard" {
  if (kind === "exact" || kind === "standard") return kind;
  throw new InvalidArgumentError("Expected standard or exact.");
}

function budget(kind: string): "adaptive" {
  if (kind === "adaptive") return kind;
  throw new InvalidArgumentError("Expected adaptive. What a run may cost is --max-cost.");
}

function redactMode(mode: string): "secrets" | "off" {
  if (mode === "secrets" || mode === "off") return mode;
  throw new InvalidArgumentError("Expected secrets or off.");
}
