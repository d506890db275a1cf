import { appendFileSync } from "node:fs";
import { describeError, redactText } from "../../core/index.ts";
import {
  type EvaluationReport,
  reportDocument,
  toAnnotations,
  toErrorAnnotation,
  toMarkdown,
  toOutputs,
} from "../../gates/index.ts";
import { type Io, line } from "./io.ts";

/**
 * Within GitHub Actions: annotations on standard error, the report in the job's summary, and the outputs
 * `decision`, `verdict` and `run-ids` of the step. Through files and workflow commands; nothing is sent.
 */
export function reportToGitHub(reports: readonly EvaluationReport[], io: Io): void {
  const { env } = io;
  if (env.GITHUB_ACTIONS !== "true" || reports.length === 0) return;
  for (const annotation of toAnnotations(reports)) io.stderr.write(`${annotation}\n`);
  append(env.GITHUB_STEP_SUMMARY, () => toMarkdown(reports.map(reportDocument)), io);
  append(env.GITHUB_OUTPUT, () => toOutputs(reports), io);
}

/** Within GitHub Actions: why a command came to no report, e.g. a gate that cannot be. */
export function errorToGitHub(command: string, error: unknown, io: Io): void {
  const message = redactText(describeError(error).replace(/^\w*Error: /, ""));
  io.stderr.write(`${toErrorAnnotation(command, message)}\n`);
  const document = {
    title: `${command}: nothing was evaluated to its end`,
    outcome: "incomplete",
    marker: `assay-error:${command}`,
    blocks: [{ kind: "lines", lines: [message] }],
  } as const;
  append(io.env.GITHUB_STEP_SUMMARY, () => toMarkdown([document]), io);
}

function append(file: string | undefined, content: () => string, io: Io): void {
  if (file === undefined || file === "") return;
  try {
    appendFileSync(file, content());
  } catch {
    // The verdict is in the exit code; a summary that cannot be written changes nothing of it.
    line(io.stderr, `warning: cannot write ${file}`);
  }
}
