import { InvalidArgumentError } from "commander";
import { withoutAbsent } from "../core/index.ts";
import { modelSettings } from "../evaluate/index.ts";
import { type CalibrateOptions, calibrate } from "../judges/index.ts";
import { resolveTrackingUri } from "../store/index.ts";
import { closeStores } from "../tracking/index.ts";
import {
  calibrationInputs,
  checkInputFlags,
  type InputFlags,
} from "./support/calibration-inputs.ts";
import { printCalibration } from "./support/calibration-report.ts";
import {
  age,
  collect,
  integer,
  keyValue,
  newCommand,
  positiveNumber,
  wholeNumber,
} from "./support/command.ts";
import { judgeModelFrom, loadConfig } from "./support/config.ts";
import { withEnvFile } from "./support/eval-options.ts";
import { EXIT } from "./support/exit-codes.ts";
import { type Io, line } from "./support/io.ts";
import { openStore } from "./support/open-store.ts";

interface Flags extends InputFlags {
  readonly judgeModel?: string;
  readonly halfWidth?: number;
  readonly epsilon?: number;
  readonly seed?: number;
  readonly concurrency?: number;
  readonly cache?: boolean;
  readonly cacheTtl?: number;
  readonly envFile?: string;
  readonly trackingUri?: string;
  readonly json?: boolean;
}

/** `assay calibrate [labels]`: how far a judge agrees with people. */
export async function run(argv: readonly string[], outer: Io): Promise<number> {
  const command = calibrateCommand(outer).parse(argv, { from: "user" });
  const flags = command.opts<Flags>();
  const [file] = command.args;
  checkInputFlags(file, flags);
  const io = withEnvFile(outer, flags.envFile);
  const stop = new AbortController();
  const release = io.onInterrupt(() => stop.abort());
  try {
    const open = () => openStore(flags.trackingUri, io);
    const { notes: more, judge, rows, unlabelled } = await calibrationInputs(file, flags, open, io);
    const options = { ...(await optionsOf(flags, io)), signal: stop.signal };
    const found = await calibrate(judge, rows, {
      ...options,
      ...withoutAbsent({ unlabelled }),
    });
    const notes = [...found.notes, ...more];
    if (flags.json) line(io.stdout, JSON.stringify({ ...found, notes }, null, 2));
    else printCalibration({ ...found, notes }, io.stdout);
    return EXIT.ok;
  } finally {
    release();
    await closeStores();
  }
}

function calibrateCommand(io: Io) {
  return newCommand("calibrate", "How far a judge agrees with people", io)
    .argument("[labels]", "rows with labels: .jsonl, .json, .csv, .parquet, datasets:/name")
    .option("--judge <name>", "the judge that is asked: its name, name@v1, or the path of its file")
    .option("--judge-model <uri>", "its model")
    .option("--set <name=text>", "a setting of the judge, e.g. guidelines=…; repeatable", collect)
    .option("--run <run>", "takes the verdicts of a stored run, by row id; nothing is asked")
    .option("--scorer <key>", "which scorer of that run, e.g. relevance/v1")
    .option("--verdict <column>", "column with the judge's verdicts; nothing is asked")
    .option("--label <column>", "column with the labels; one per annotator; repeatable", collect)
    .option("--traces <filter>", 'labels are feedback on stored traces; "" for all of them')
    .option("--feedback <name>", "with --traces: which feedback of people is the label")
    .option("--predictions <column>", "column with the answers that are judged; outputs by default")
    .option("--targets <column>", "column with the expected answer")
    .option(
      "--map <name=column>",
      "where the data has what, e.g. context=passages; repeatable",
      keyValue,
    )
    .option("--cluster <column>", "rows with the same value here belong together")
    .option("--scale <low,high>", "with --verdict: lowest and highest score", scale)
    .option("--half-width <x>", "how well the human mean is to be known", positiveNumber)
    .option("--epsilon <x>", "what a person costs more, in [0, 1): 0.2 experts, 0.1 crowd", Number)
    .option("--seed <n>", "of the bootstrap, 0 by default", integer)
    .option("-j, --concurrency <n>", "rows in flight at once, 8 by default", wholeNumber)
    .option("--no-cache", "ask every time, though the answer is kept")
    .option("--cache-ttl <age>", "for how long a kept answer counts, e.g. 7d", age)
    .option("--env-file <file>", "reads variables; the environment wins")
    .option("--tracking-uri <uri>", "tracking store, e.g. sqlite:///assay.db")
    .option("--json", "print JSON");
}

async function optionsOf(flags: Flags, { env, cwd }: Io): Promise<CalibrateOptions> {
  const { halfWidth, epsilon, seed, concurrency, cache, cacheTtl: cacheTtlMs } = flags;
  const { judgeModel, rpm, tpm, prices, trackingUri } = await loadConfig(cwd);
  const settings = withoutAbsent({
    rpm,
    tpm,
    prices,
    cache,
    cacheTtlMs,
    trackingUri: resolveTrackingUri(flags.trackingUri, env, trackingUri),
  });
  return withoutAbsent<CalibrateOptions>({
    environment: withoutAbsent({
      env,
      judgeModel: judgeModelFrom(flags.judgeModel, env, judgeModel),
      models: modelSettings(settings, "judges"),
    }),
    halfWidth,
    altTest: epsilon === undefined ? undefined : { epsilon },
    seed,
    concurrency,
  });
}

/** `1,5`. */
function scale(text: string): [number, number] {
  const [low, high, ...rest] = text.split(",").map(Number);
  if (low !== undefined && high !== undefined && low < high && rest.length === 0) {
    return [low, high];
  }
  throw new InvalidArgumentError("Expected two numbers such as 1,5.");
}
