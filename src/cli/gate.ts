import { AssayError, withoutAbsent } from "../core/index.ts";
import { decideStoredRun, storedEvaluation } from "../evaluate/index.ts";
import { type GateResult, overallDecision, overallVerdict } from "../gates/index.ts";
import type { EvaluationRecord, TrackingStore } from "../store/index.ts";
import { collect, newCommand } from "./support/command.ts";
import { guarantee } from "./support/eval-command.ts";
import { EXIT, exitOfResult } from "./support/exit-codes.ts";
import { type Io, line } from "./support/io.ts";
import { checkKeptBaseline, keepBaseline } from "./support/keep-baseline.ts";
import { findRunId, withStore } from "./support/open-store.ts";
import { checkOutputs, OUTPUT_HELP, writeReports } from "./support/output-files.ts";
import { gateLine } from "./support/report.ts";
import { oneLine } from "./support/table.ts";

interface Flags {
  readonly trackingUri?: string;
  readonly gate?: readonly string[];
  readonly strict?: boolean;
  readonly guarantee?: "standard" | "exact";
  readonly baseline?: string;
  readonly allowMismatch?: boolean;
  readonly saveBaseline?: string;
  readonly output?: readonly string[];
  readonly json?: boolean;
}

/** `assay gate <run>`: prints the gates of an evaluation, as it ended or other ones, and exits by them. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const command = newCommand("gate", "The gates of an evaluation, and its exit code", io)
    .argument("<run>", "a run id, its beginning, or latest")
    .option("--gate <condition>", "decides this in the place of its own; repeatable", collect)
    .option("--strict", "with --gate: passes only what the whole interval does")
    .option("--guarantee <kind>", "with --gate: exact intervals", guarantee)
    .option("--baseline <baseline>", "with --gate: a run id, branch:main, @alias, a file")
    .option("--allow-mismatch", "compare with a baseline of other data or another judge")
    .option("--save-baseline <baseline>", "if the gates pass, the run becomes @alias or a file")
    .option("--tracking-uri <uri>", "tracking store, e.g. sqlite:///assay.db")
    .option("-o, --output <file>", OUTPUT_HELP, collect)
    .option("--json", "print JSON")
    .parse(argv, { from: "user" });
  const flags = command.opts<Flags>();
  const [wanted = ""] = command.args;
  checkKeptBaseline(flags.saveBaseline, io);
  checkOutputs(flags.output ?? [], io);
  checkGateFlags(flags);
  return withStore(flags.trackingUri, io, async (store) => {
    const runId = await findRunId(store, wanted);
    const record = await store.results.getEvaluation(runId);
    if (record === undefined) {
      throw new AssayError("not-found", `There is no evaluation in run ${runId}`);
    }
    const shown = await decided(store, record, flags, io);
    const { completed } = await store.results.countResults(runId);
    if (flags.json) line(io.stdout, JSON.stringify(toJson(shown), null, 2));
    else print(shown, completed, io);
    await writeReports([await storedEvaluation(store, shown)], flags.output, io);
    if (flags.saveBaseline !== undefined) {
      const { status, outcome } = shown;
      const ended = withoutAbsent({ runId, status, decision: outcome?.decision });
      await keepBaseline(store, ended, flags.saveBaseline, io);
    }
    return exitOf(shown);
  });
}

/** A misspelt command must not pass because its gates were never looked at. */
function checkGateFlags({ gate, ...flags }: Flags): void {
  if (gate !== undefined) return;
  const lost = (
    [
      ["--strict", flags.strict],
      ["--guarantee", flags.guarantee],
      ["--baseline", flags.baseline],
      ["--allow-mismatch", flags.allowMismatch],
    ] as const
  ).find(([, value]) => value !== undefined);
  if (lost === undefined) return;
  throw new AssayError(
    "invalid-argument",
    `${lost[0]} is about gates given here; add --gate, or leave it out to see the run's own`,
  );
}

/** The evaluation with its own gates, or with those of the command line in their place. */
async function decided(
  store: TrackingStore,
  record: EvaluationRecord,
  { gate, ...flags }: Flags,
  io: Io,
): Promise<EvaluationRecord> {
  const { outcome, runId } = record;
  if (gate === undefined || outcome === undefined) return record;
  const { strict = false, guarantee: kind, baseline, allowMismatch } = flags;
  const gates = await decideStoredRun(
    store,
    runId,
    withoutAbsent({
      gates: gate,
      strict,
      guarantee: kind,
      baseline,
      allowMismatch,
      baseDir: io.cwd,
    }),
  );
  return { ...record, outcome: withGates(outcome, gates, strict) };
}

function withGates(
  { verdict: _verdict, decision: _decision, ...outcome }: NonNullable<EvaluationRecord["outcome"]>,
  gates: readonly GateResult[],
  strict: boolean,
): NonNullable<EvaluationRecord["outcome"]> {
  const isFinished = outcome.status === "finished";
  const verdict = isFinished ? overallVerdict(gates) : "undecided";
  const decision = isFinished ? overallDecision(gates) : "fail";
  return { ...outcome, gates, strict, ...(verdict && { verdict }), ...(decision && { decision }) };
}

function exitOf({ outcome }: EvaluationRecord): number {
  const { status = "running", gates = [], strict = false } = outcome ?? {};
  if (status !== "finished" && status !== "incomplete") return EXIT.incomplete;
  return exitOfResult({ status, gates }, strict);
}

function print(record: EvaluationRecord, completed: number, io: Io): void {
  const { outcome, status, name, runId, rows, trials, terms } = record;
  for (const problem of outcome?.problems ?? []) line(io.stdout, `INCOMPLETE  ${oneLine(problem)}`);
  const isOpen = status !== "finished" && status !== "incomplete";
  if (isOpen) {
    const planned = rows === undefined ? "" : ` of ${rows * trials}`;
    line(
      io.stdout,
      `INCOMPLETE  ${oneLine(name)} in run ${runId} is ${status}: ${completed}${planned} results are stored`,
    );
  }
  for (const gate of outcome?.gates ?? []) line(io.stdout, gateLine(gate));
  const waiting = isOpen && terms?.gates !== "none" ? terms?.gates : undefined;
  const undecided = waiting === undefined ? "no gate" : `not decided: ${oneLine(waiting)}`;
  line(io.stdout, outcome?.decision ? `decision: ${outcome.decision}` : undecided);
}

function toJson({ name, runId, status, outcome }: EvaluationRecord) {
  const { verdict, decision, gates = [], problems = [] } = outcome ?? {};
  return { name, runId, status, verdict, decision, gates, problems };
}
