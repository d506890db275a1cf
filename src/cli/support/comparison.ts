import type { CellResult } from "../../evaluate/index.ts";
import { number } from "./format.ts";
import { line, type Output } from "./io.ts";
import { type Column, oneLine, renderTable } from "./table.ts";

/** Means of all cells side by side, one cell a line. */
export function printComparison(runs: readonly CellResult[], out: Output): void {
  const scorers = [...new Set(runs.flatMap(({ summaries }) => Object.keys(summaries)))];
  const hasPrompts = runs.some(({ cell }) => cell.prompt !== undefined);
  const hasModels = runs.some(({ cell }) => cell.model !== undefined);
  const hasGates = runs.some(({ decision }) => decision !== undefined);
  const columns: Column[] = [
    ...(hasModels ? [{ title: "model", flexible: true }] : []),
    ...(hasPrompts ? [{ title: "prompt", flexible: true }] : []),
    ...scorers.map((title): Column => ({ title, align: "right" })),
    { title: "failed", align: "right" },
    { title: "cost", align: "right" },
    ...(hasGates ? [{ title: "decision" }] : []),
  ];
  const cells = runs.map((run) => [
    ...(hasModels ? [oneLine(run.cell.model ?? "")] : []),
    ...(hasPrompts ? [oneLine(run.cell.prompt ?? "")] : []),
    ...scorers.map((key) => meanOf(run, key)),
    String(run.counts.failed),
    run.usage.cost === undefined ? "–" : `$${run.usage.cost.toFixed(4)}`,
    ...(hasGates ? [run.decision ?? ""] : []),
  ]);
  line(out);
  for (const row of renderTable(columns, cells, out.columns)) line(out, row);
}

function meanOf({ summaries, incompleteScorers }: CellResult, key: string): string {
  // As in the summaries: a mean over the rows that happened to work compares nothing.
  if (incompleteScorers.includes(key)) return "incomplete";
  const mean = summaries[key]?.mean;
  return mean === undefined ? "–" : number(mean);
}
