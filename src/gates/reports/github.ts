import type { GateResult } from "../../core/index.ts";
import { type EvaluationReport, outcomeOf } from "./report.ts";

/**
 * Workflow commands that GitHub shows as annotations: an error for each gate that failed and each incomplete
 * evaluation, a warning for each that is too close to call.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
export function toAnnotations(reports: readonly EvaluationReport[]): string[] {
  return reports.flatMap((report) => [
    ...(report.problems ?? []).map((problem) =>
      command("error", `${report.name}: incomplete`, problem),
    ),
    ...(outcomeOf(report) === "incomplete" ? [] : report.gates.flatMap(gateCommand)),
  ]);
}

/** What stopped a command before there was anything to report, as an annotation. */
export function toErrorAnnotation(title: string, message: string): string {
  return command("error", title, message);
}

function gateCommand(gate: GateResult): string[] {
  if (gate.decision === "fail") return [command("error", gate.title, gate.message)];
  if (gate.verdict === "undecided") return [command("warning", gate.title, gate.message)];
  return [];
}

function command(level: "error" | "warning", title: string, message: string): string {
  const property = data(title).replaceAll(":", "%3A").replaceAll(",", "%2C");
  return `::${level} title=${property}::${data(message)}`;
}

/** A line break would begin another command. */
function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** Outputs of a step, as lines for the file that `GITHUB_OUTPUT` names. */
export function toOutputs(reports: readonly EvaluationReport[]): string {
  const worst = <T extends string>(order: readonly T[], values: readonly (T | undefined)[]) =>
    order.find((value) => values.includes(value)) ?? "none";
  const decision = worst(
    ["fail", "pass"],
    reports.map((report) => report.decision),
  );
  const verdict = worst(
    ["fail", "undecided", "pass"],
    reports.map((report) => report.verdict),
  );
  const runs = reports.map(({ runId }) => runId).join(" ");
  return `decision=${decision}\nverdict=${verdict}\nrun-ids=${runs}\n`;
}
