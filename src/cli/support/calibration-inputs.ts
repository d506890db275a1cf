import {
  AssayError,
  defineScorer,
  type Scorer,
  scorerKey,
  withoutAbsent,
} from "../../core/index.ts";
import type { LabelledRow } from "../../judges/index.ts";
import { findJudge } from "../../judges/judge-files.ts";
import type { EvaluationRecord, TrackingStore } from "../../store/index.ts";
import type { Io } from "./io.ts";
import { readLabelledRows, verdictsOfRun } from "./labelled-rows.ts";
import { namedJudges } from "./named-judges.ts";
import { findRunId } from "./open-store.ts";

/** Where the flags of `assay calibrate` say that labels and verdicts are. */
export interface InputFlags {
  readonly judge?: string;
  readonly set?: readonly string[];
  readonly run?: string;
  readonly scorer?: string;
  readonly label?: readonly string[];
  readonly verdict?: string;
  readonly traces?: string;
  readonly feedback?: string;
  readonly predictions?: string;
  readonly targets?: string;
  readonly map?: { readonly [name: string]: string };
  readonly cluster?: string;
  readonly scale?: readonly [number, number];
}

/** What is held against each other. */
export interface CalibrationInputs {
  readonly judge: Scorer;
  readonly rows: readonly LabelledRow[];
  readonly unlabelled?: readonly number[];
  readonly notes: readonly string[];
}

/** Verdicts do not tell what the judge was shown. */
const UNSEEN = 'rows that the judge was tuned on have to be marked with split: "train"';

/** @throws {AssayError} `invalid-argument` for flags that contradict each other, or of which one lacks. */
export function checkInputFlags(file: string | undefined, flags: InputFlags): void {
  const { judge, run, verdict, traces, feedback, label, set } = flags;
  const ways = [judge, run, verdict].filter((way) => way !== undefined);
  const wrong =
    ways.length !== 1
      ? "Expected one of --judge (asks a judge), --run (verdicts of a stored run) or --verdict (a column of the file)"
      : (file === undefined) === (traces === undefined)
        ? "Expected either a file with labels or --traces"
        : (traces === undefined) !== (feedback === undefined)
          ? "--traces and --feedback belong together: which traces, and which feedback of people is the label"
          : traces !== undefined && (verdict ?? label) !== undefined
            ? "--verdict and --label name columns of a file; with --traces give --feedback, and --judge or --run"
            : set !== undefined && judge === undefined
              ? "--set is a setting of the judge that is asked: give --judge"
              : undefined;
  if (wrong !== undefined) throw new AssayError("invalid-argument", wrong);
}

/** Reads the labels, and finds the judge or its verdicts. @param open - Opens the tracking store. */
export async function calibrationInputs(
  file: string | undefined,
  flags: InputFlags,
  open: () => Promise<TrackingStore>,
  io: Io,
): Promise<CalibrationInputs> {
  const { label = ["label"], verdict, cluster, feedback, predictions, targets, map } = flags;
  const asked = askedJudge(flags, io);
  const data = flags.traces === undefined ? (file as string) : { traces: flags.traces };
  const { rows: labelled, withoutOutputs } = await readLabelledRows(
    data,
    withoutAbsent({ labels: label, feedback, verdict, cluster }),
    {
      ...withoutAbsent({ predictions, targets, mapping: map }),
      baseDir: io.cwd,
      isAsked: asked?.needsOutputs === true,
      datasets: async () => (await open()).datasets,
      traces: open,
      traceOf: async (traceId) => (await open()).traces.getTrace(traceId),
    },
  );
  const rows = labelled.map(({ row }) => row);
  if (asked !== undefined) {
    const lost = `${withoutOutputs} labelled rows have no outputs and are left out`;
    return { judge: asked.judge, rows, notes: withoutOutputs > 0 ? [lost] : [] };
  }
  if (flags.run === undefined) {
    const judge = recorded(withoutAbsent({ name: verdict as string, scale: flags.scale }));
    const isLacking = rows.some((row) => row.verdict === undefined);
    const notes = isLacking ? [`rows without ${verdict} are left out`, UNSEEN] : [UNSEEN];
    return { judge, rows: rows.filter((row) => row.verdict !== undefined), notes };
  }
  const store = await open();
  const runId = await findRunId(store, flags.run);
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
    unlabelled: found.unlabelled,
    notes: found.notInRun > 0 ? [lost, UNSEEN] : [UNSEEN],
  };
}

function askedJudge({ judge: name, set }: InputFlags, { cwd }: Io) {
  if (name === undefined) return undefined;
  const { inputs, optional = [] } = findJudge(name, cwd);
  const [judge] = namedJudges([name], set, cwd);
  return { judge: judge as Scorer, needsOutputs: [...inputs, ...optional].includes("outputs") };
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
