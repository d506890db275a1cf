import { CommanderError } from "commander";
import { type AssayError, describeError, isAssayError } from "../../core/index.ts";
import type { EvaluateResult } from "../../evaluate/index.ts";
import { type Io, line } from "./io.ts";
import { oneLine } from "./table.ts";

/** What a command's exit code means. A bug is never 1, which says that a gate failed. */
export const EXIT = {
  ok: 0,
  gateFailed: 1,
  usage: 2,
  undecided: 3,
  incomplete: 4,
  bug: 70,
  interrupted: 130,
  terminated: 143,
} as const;

/** Most important first; several evaluations end with the first of these that any of them has. */
const PRECEDENCE: readonly number[] = [
  EXIT.interrupted,
  EXIT.terminated,
  EXIT.incomplete,
  EXIT.usage,
  EXIT.gateFailed,
  EXIT.undecided,
  EXIT.ok,
];

export function overallExit(codes: readonly number[]): number {
  return PRECEDENCE.find((code) => codes.includes(code)) ?? EXIT.ok;
}

export function exitOfResult(
  result: Pick<EvaluateResult, "status" | "gates">,
  strict: boolean,
): number {
  if (result.status === "interrupted") return EXIT.interrupted;
  if (result.status === "incomplete") return EXIT.incomplete;
  // A gate that says nothing of the scores is a mistake in the gate, and none of the evaluation.
  if (result.gates.some(({ problem }) => problem !== undefined)) return EXIT.usage;
  const failed = result.gates.filter(({ decision }) => decision === "fail");
  if (failed.length === 0) return EXIT.ok;
  // Under strict a gate fails for want of proof as well, which is another message to CI.
  const isUnproven = strict && failed.every(({ verdict }) => verdict === "undecided");
  return isUnproven ? EXIT.undecided : EXIT.gateFailed;
}

/** A worker's: whether the gates pass is said by the run that it took part in. */
export function exitOfWorker({ status, counts }: EvaluateResult): number {
  if (status === "interrupted") return EXIT.interrupted;
  return counts.completed < counts.trials ? EXIT.incomplete : EXIT.ok;
}

const EXIT_OF_ERROR: { readonly [code in AssayError["code"]]: number } = {
  "invalid-argument": EXIT.usage,
  configuration: EXIT.usage,
  "not-found": EXIT.usage,
  "already-exists": EXIT.usage,
  conflict: EXIT.usage,
  "store-unavailable": EXIT.usage,
  unavailable: EXIT.incomplete,
  provider: EXIT.incomplete,
  cancelled: EXIT.interrupted,
  internal: EXIT.bug,
};

/** Says in one line what went wrong and returns the exit code for it. */
export function reportError(error: unknown, io: Io): number {
  if (error instanceof CommanderError) {
    // Commander has printed its message, or the help that was asked for.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  if (isAssayError(error) && error.code !== "internal") {
    line(io.stderr, `error: ${oneLine(error.message)}`);
    return EXIT_OF_ERROR[error.code];
  }
  line(io.stderr, `error: a defect in Assay, please report it: ${describeError(error)}`);
  if (error instanceof Error && error.stack !== undefined) line(io.stderr, error.stack);
  return EXIT.bug;
}
