import { dollarsText } from "../../core/index.ts";
import type { CellResult } from "../../evaluate/index.ts";
import { intervalText, number } from "./format.ts";
import { line, type Output } from "./io.ts";
import { type Column, oneLine, renderTable } from "./table.ts";

/** The cells of a matrix side by side: how each ended, and then scorer by scorer what each reached. */
export function printComparison(runs: readonly CellResult[], out: Output): void {
  const hasPrompts = runs.some(({ cell }) => cell.prompt !== undefined);
  const hasModels = runs.some(({ cell }) => cell.model !== undefined);
  const names: Column[] = [
    ...(hasModels ? [{ title: "model", flexible: true }] : []),
    ...(hasPrompts ? [{ title: "prompt", flexible: true }] : []),
  ];
  const namesOf = ({ cell }: CellResult) => [
    ...(hasModels ? [oneLine(cell.model ?? "")] : []),
    ...(hasPrompts ? [oneLine(cell.prompt ?? "")] : []),
  ];
  const print = (columns: readonly Column[], cells: readonly (readonly string[])[]) => {
    line(out);
    for (const row of renderTable(columns, cells, out.columns)) line(out, row);
  };
  print(
    [...names, { title: "failed", align: "right" }, { title: "cost", align: "right" }, DECISION],
    runs.map((run) => [
      ...namesOf(run),
      String(run.counts.failed),
      run.usage.cost === undefined ? "–" : dollarsText(run.usage.cost),
      run.decision ?? "no gate",
    ]),
  );
  const scorers = [...new Set(runs.flatMap(({ summaries }) => Object.keys(summaries)))];
  print(
    [
      { title: "scorer" },
      ...names,
      { title: "mean", align: "right" },
      { title: "95 % interval", align: "right" },
    ],
    scorers.flatMap((key) => runs.map((run) => [key, ...namesOf(run), ...meanCells(run, key)])),
  );
}

const DECISION: Column = { title: "decision" };

function meanCells({ summaries, incompleteScorers }: CellResult, key: string): string[] {
  // As in the summaries: a mean over the rows that happened to work compares nothing.
  if (incompleteScorers.includes(key)) return ["incomplete", ""];
  const summary = summaries[key];
  if (summary?.mean === undefined) return ["–", ""];
  return [number(summary.mean), intervalText(summary)];
}
