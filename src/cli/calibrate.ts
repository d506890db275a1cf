import { InvalidArgumentError } from "commander";
import { AssayError, defineScorer, type Scorer, scorerKey, withoutAbsent } from "../core/index.ts";
import {
  builtinJudge,
  type CalibrateOptions,
  calibrate,
  type LabelledRow,
} from "../judges/index.ts";
import type { EvaluationRecord } from "../store/index.ts";
import { printCalibration } from "./support/calibration-report.ts";
import { collect, integer, newCommand, positiveNumber, wholeNumber } from "./support/command.ts";
import { withEnvFile } from "./support/eval-options.ts";
import { EXIT } from "./support/exit-codes.ts";
import { type Io, line } from "./support/io.ts";
import { readLabelledRows, verdictsOfRun } from "./support/labelled-rows.ts";
import { findRunId, withStore } from "./support/open-store.ts";

interface Flags {
  readonly judge?: string;
  readonly judgeModel?: string;
  readonly run?: string;
  readonly scorer?: string;
  readonly label?: readonly string[];
  readonly verdict?: string;
  readonly cluster?: string;
  readonly scale?: readonly [number, number];
  readonly halfWidth?: number;
  readonly epsilon?: number;
  readonly seed?: number;
  readonly concurrency?: number;
  readonly envFile?: string;
  readonly trackingUri?: string;
  readonly json?: boolean;
}

/** `assay calibrate <labels>`: how far a judge agrees with people. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const command = newCommand("calibrate", "How far a judge agrees with people", io)
    .argument("<labels>", "rows with labels: .jsonl, .json, .csv, .parquet, datasets:/name")
    .option("--judge <name>", "the built-in judge that is asked")
    .option("--judge-model <uri>", "its model")
    .option("--run <run>", "takes the verdicts of a stored run, by row id; nothing is asked")
    .option("--scorer <key>", "which scorer of that run, e.g. relevance/v1")
    .option("--verdict <column>", "column with the judge's verdicts; nothing is asked")
    .option("--label <column>", "column with the labels; one per annotator; repeatable", collect)
    .option("--cluster <column>", "rows with the same value here belong together")
    .option("--scale <low,high>", "with --verdict: lowest and highest score", scale)
    .option("--half-width <x>", "how well the human mean is to be known", positiveNumber)
    .option("--epsilon <x>", "what a person costs more, in [0, 1): 0.2 experts, 0.1 crowd", Number)
    .option("--seed <n>", "of the bootstrap, 0 by default", integer)
    .option("-j, --concurrency <n>", "rows in flight at once, 8 by default", wholeNumber)
    .option("--env-file <file>", "reads variables; the environment wins")
    .option("--tracking-uri <uri>", "tracking store, e.g. sqlite:///assay.db")
    .option("--json", "print JSON")
    .parse(argv, { from: "user" });
  const flags = command.opts<Flags>();
  const [file = ""] = command.args;
  const env = withEnvFile(io, flags.envFile);
  const ways = [flags.judge, flags.run, flags.verdict].filter((way) => way !== undefined);
  if (ways.length !== 1) {
    throw new AssayError(
      "invalid-argument",
      "Expected one of --judge (asks a judge), --run (verdicts of a stored run) or --verdict (a column of the file)",
    );
  }
  const { judge, rows, more } = await inputsOf(file, flags, env);
  const { halfWidth, epsilon, seed, concurrency } = flags;
  const stop = new AbortController();
  const release = io.onInterrupt(() => stop.abort());
  const found = await calibrate(
    judge,
    rows,
    withoutAbsent<CalibrateOptions>({
      environment: withoutAbsent({
        env: env.env,
        judgeModel: flags.judgeModel ?? env.env.ASSAY_JUDGE_MODEL,
      }),
      halfWidth,
      altTest: epsilon === undefined ? undefined : { epsilon },
      seed,
      concurrency,
      unlabelled: more.unlabelled,
      signal: stop.signal,
    }),
  ).finally(release);
  const notes = [...found.notes, ...more.notes];
  if (flags.json) line(io.stdout, JSON.stringify({ ...found, notes }, null, 2));
  else printCalibration({ ...found, notes }, io.stdout);
  return EXIT.ok;
}

/** Verdicts do not tell what the judge was shown. */
const UNSEEN = 'rows that the judge was tuned on have to be marked with split: "train"';

interface Inputs {
  readonly judge: Scorer;
  readonly rows: readonly LabelledRow[];
  readonly more: { readonly unlabelled?: readonly number[]; readonly notes: readonly string[] };
}

async function inputsOf(file: string, flags: Flags, io: Io): Promise<Inputs> {
  const { label = ["label"], verdict, cluster, run: wanted } = flags;
  const columns = withoutAbsent({ labels: label, verdict, cluster });
  const labelled = await readLabelledRows(file, columns, io.cwd);
  const rows = labelled.map(({ row }) => row);
  if (flags.judge !== undefined) {
    return { judge: builtinJudge(flags.judge), rows, more: { notes: [] } };
  }
  if (wanted === undefined) {
    const judge = recorded(withoutAbsent({ name: verdict as string, scale: flags.scale }));
    const isLacking = rows.some((row) => row.verdict === undefined);
    const notes = isLacking ? [`rows without ${verdict} are left out`, UNSEEN] : [UNSEEN];
    return { judge, rows: rows.filter((row) => row.verdict !== undefined), more: { notes } };
  }
  return withStore(flags.trackingUri, io, async (store) => {
    const runId = await findRunId(store, wanted);
    const record = await store.results.getEvaluation(runId);
    if (record === undefined) {
      throw new AssayError("not-found", `There is no evaluation in run ${runId}`);
    }
    const scorer = scorerOf(record, flags.scorer);
    const found = await verdictsOfRun(store, runId, scorerKey(scorer), labelled);
    const lost = `${found.notInRun} labelled rows have no verdict in run ${runId.slice(0, 12)}`;
    return {
      judge: recorded(scorer),
      rows: found.rows,
      more: { unlabelled: found.unlabelled, notes: found.notInRun > 0 ? [lost, UNSEEN] : [UNSEEN] },
    };
  });
}

type RecordedScorer = EvaluationRecord["scorers"][number];

/** A judge whose verdicts are there already. */
function recorded(scorer: RecordedScorer): Scorer {
  return defineScorer(scorer, () => null);
}

function scorerOf({ scorers, runId }: EvaluationRecord, wanted: string | undefined) {
  const judges = scorers.filter(({ source }) => source?.kind === "judge");
  const found =
    wanted === undefined
      ? judges.length === 1
        ? judges
        : scorers.length === 1
          ? scorers
          : []
      : scorers.filter((scorer) => scorerKey(scorer) === wanted || scorer.name === wanted);
  const [scorer] = found;
  if (scorer !== undefined && found.length === 1) return scorer;
  throw new AssayError(
    "invalid-argument",
    `Name one scorer of run ${runId.slice(0, 12)} with --scorer: ${scorers.map(scorerKey).join(", ")}`,
  );
}

/** `1,5`. */
function scale(text: string): [number, number] {
  const [low, high, ...rest] = text.split(",").map(Number);
  if (low !== undefined && high !== undefined && low < high && rest.length === 0) {
    return [low, high];
  }
  throw new InvalidArgumentError("Expected two numbers such as 1,5.");
}
