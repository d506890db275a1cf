import { existsSync } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { dirname, extname, resolve } from "node:path";
import { AssayError, type ResultRow } from "../../core/index.ts";
import type { EvaluateResult } from "../../evaluate/index.ts";
import { csvLine } from "./csv.ts";
import { text } from "./format.ts";
import type { Io } from "./io.ts";

const KINDS = [".json", ".jsonl", ".csv"];

/** @throws {AssayError} `invalid-argument` for a file of another kind or in a folder that does not exist; checked before anything runs. */
export function checkOutputs(files: readonly string[], io: Io): void {
  for (const file of files) {
    if (!KINDS.includes(extname(file))) {
      throw new AssayError(
        "invalid-argument",
        `Cannot write ${file}: expected ${KINDS.join(", ")}`,
      );
    }
    if (!existsSync(dirname(resolve(io.cwd, file)))) {
      throw new AssayError("invalid-argument", `Cannot write ${file}: there is no such folder`);
    }
  }
}

export async function writeOutput(
  file: string,
  results: readonly EvaluateResult[],
  io: Io,
): Promise<void> {
  const path = resolve(io.cwd, file);
  if (extname(file) === ".json") {
    await writeFile(path, `${JSON.stringify(results.map(toJson), null, 2)}\n`);
    return;
  }
  const handle = await open(path, "w");
  try {
    const scorers = results.flatMap((result) => Object.keys(result.summaries));
    const render = extname(file) === ".csv" ? csvRows(scorers) : jsonRow;
    if (extname(file) === ".csv") await handle.write(csvHeader(scorers));
    for (const result of results) {
      for await (const row of result.rows()) await handle.write(render(row));
    }
  } finally {
    await handle.close();
  }
}

/** One evaluation as `--json` prints it; what is unknown is absent. */
export function toJson(result: EvaluateResult) {
  const { name, runId, experimentId, status, verdict, decision, gates } = result;
  const { metrics, summaries, counts, usage, durationMs } = result;
  return {
    ...{ name, runId, experimentId, status, verdict, decision, gates },
    ...{ metrics, summaries, counts, usage, durationMs },
  };
}

function jsonRow(row: ResultRow): string {
  return `${JSON.stringify(row)}\n`;
}

const FIELDS = [
  "rowKey",
  "ordinal",
  "trial",
  "inputs",
  "outputs",
  "error",
  "expectations",
] as const;

function csvHeader(scorers: readonly string[]): string {
  return csvLine([
    ...FIELDS,
    ...scorers,
    "latencyMs",
    "inputTokens",
    "outputTokens",
    "cost",
    "traceId",
  ]);
}

function csvRows(scorers: readonly string[]): (row: ResultRow) => string {
  return (row) =>
    csvLine([
      ...FIELDS.map((field) => text(row[field])),
      ...scorers.map((scorer) => {
        const score = row.scores[scorer];
        return score?.kind === "scored" ? String(score.value) : "";
      }),
      String(row.latencyMs ?? ""),
      String(row.usage?.inputTokens ?? ""),
      String(row.usage?.outputTokens ?? ""),
      String(row.usage?.cost ?? ""),
      row.traceId ?? "",
    ]);
}
