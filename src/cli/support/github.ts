import { appendFileSync } from "node:fs";
import {
  type EvaluationReport,
  reportDocument,
  toAnnotations,
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
  for (const annotation of toAnnotations(reports)) line(io.stderr, annotation);
  const { GITHUB_STEP_SUMMARY: summary, GITHUB_OUTPUT: outputs } = env;
  const files = [
    [summary, () => toMarkdown(reports.map(reportDocument))],
    [outputs, () => toOutputs(reports)],
  ] as const;
  for (const [file, content] of files) {
    if (file === undefined || file === "") continue;
    try {
      appendFileSync(file, content());
    } catch {
      // The verdict is in the exit code; a summary that cannot be written changes nothing of it.
      line(io.stderr, `warning: cannot write ${file}`);
    }
  }
}
