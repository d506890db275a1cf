import type { Project } from "./run-cli.ts";

/** Writes `rows.jsonl`: every fifth answer in `said`, from the first, misses what `gold` expects. */
export function writeAnsweredRows(project: Project, count: number): void {
  const rows = Array.from({ length: count }, (_, i) => ({
    id: `r${i}`,
    q: `q${i}`,
    gold: "yes",
    said: i % 5 === 0 ? "no" : "yes",
  }));
  project.write("rows.jsonl", rows.map((row) => JSON.stringify(row)).join("\n"));
}
