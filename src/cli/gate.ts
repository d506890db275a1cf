import { AssayError } from "../core/index.ts";
import type { EvaluationRecord } from "../store/index.ts";
import { newCommand } from "./support/command.ts";
import { EXIT, exitOfResult } from "./support/exit-codes.ts";
import { type Io, line } from "./support/io.ts";
import { findRunId, withStore } from "./support/open-store.ts";
import { gateLine } from "./support/report.ts";
import { oneLine } from "./support/table.ts";

interface Flags {
  readonly trackingUri?: string;
  readonly json?: boolean;
}

/** `assay gate <run>`: prints the gates of an evaluation as it ended, and exits by them. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const command = newCommand("gate", "The gates of an evaluation, and its exit code", io)
    .argument("<run>", "a run id, its beginning, or latest")
    .option("--tracking-uri <uri>", "tracking store, e.g. sqlite:///assay.db")
    .option("--json", "print JSON")
    .parse(argv, { from: "user" });
  const { trackingUri, json } = command.opts<Flags>();
  const [wanted = ""] = command.args;
  return withStore(trackingUri, io, async (store) => {
    const runId = await findRunId(store, wanted);
    const record = await store.results.getEvaluation(runId);
    if (record === undefined) {
      throw new AssayError("not-found", `There is no evaluation in run ${runId}`);
    }
    const { completed } = await store.results.countResults(runId);
    if (json) line(io.stdout, JSON.stringify(toJson(record), null, 2));
    else print(record, completed, io);
    return exitOf(record);
  });
}

function exitOf({ outcome }: EvaluationRecord): number {
  const { status = "running", gates = [], strict = false } = outcome ?? {};
  if (status !== "finished" && status !== "incomplete") return EXIT.incomplete;
  return exitOfResult({ status, gates }, strict);
}

function print(record: EvaluationRecord, completed: number, io: Io): void {
  const { outcome, status, name, runId, rows, trials } = record;
  for (const problem of outcome?.problems ?? []) line(io.stdout, `INCOMPLETE  ${oneLine(problem)}`);
  if (status !== "finished" && status !== "incomplete") {
    const planned = rows === undefined ? "" : ` of ${rows * trials}`;
    line(
      io.stdout,
      `INCOMPLETE  ${oneLine(name)} in run ${runId} is ${status}: ${completed}${planned} results are stored`,
    );
  }
  for (const gate of outcome?.gates ?? []) line(io.stdout, gateLine(gate));
  line(io.stdout, outcome?.decision === undefined ? "no gate" : `decision: ${outcome.decision}`);
}

function toJson({ name, runId, status, outcome }: EvaluationRecord) {
  const { verdict, decision, gates = [], problems = [] } = outcome ?? {};
  return { name, runId, status, verdict, decision, gates, problems };
}
