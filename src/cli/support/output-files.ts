import { closeSync, existsSync, openSync, rmSync, statSync } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { dirname, extname, resolve } from "node:path";
import { AssayError, describeError, isAssayError, type ResultRow } from "../../core/index.ts";
import type { EvaluateResult, ReportedEvaluation } from "../../evaluate/index.ts";
import { reportDocument, toHtml, toJUnit, toMarkdown } from "../../gates/index.ts";
import { csvLine } from "./csv.ts";
import { text } from "./format.ts";
import { reportToGitHub } from "./github.ts";
import type { Io } from "./io.ts";

const KINDS = [".json", ".jsonl", ".csv", ".md", ".html", ".xml"];

/** @throws {AssayError} `invalid-argument` for a file of another kind or one that cannot be written; checked before anything runs. */
export function checkOutputs(files: readonly string[], io: Io): void {
  for (const file of files) {
    if (!KINDS.includes(extname(file))) {
      throw new AssayError(
        "invalid-argument",
        `Cannot write ${file}: expected ${KINDS.join(", ")}`,
      );
    }
    if (statSync(resolve(io.cwd, file), { throwIfNoEntry: false })?.isDirectory()) {
      throw new AssayError("invalid-argument", `Cannot write ${file}: it is a folder`);
    }
    if (!existsSync(dirname(resolve(io.cwd, file)))) {
      throw new AssayError("invalid-argument", `Cannot write ${file}: there is no such folder`);
    }
    tryToWrite(file, resolve(io.cwd, file));
  }
}

/** Opens the file as it will be opened, and leaves what is there as it is. */
function tryToWrite(file: string, path: string): void {
  const isThere = existsSync(path);
  try {
    closeSync(openSync(path, "a"));
    if (!isThere) rmSync(path);
  } catch (cause) {
    throw new AssayError("invalid-argument", `Cannot write ${file}: ${reasonOf(cause)}`, { cause });
  }
}

const reasonOf = (error: unknown) =>
  error instanceof Error && "code" in error ? String(error.code) : describeError(error);

/** What `--output` says of itself. */
export const OUTPUT_HELP =
  "write a report (.md, .html, .xml for JUnit, .json), or one result per line (.jsonl, .csv); repeatable";

/** Writes the files of `--output`. */
export async function writeOutputs(
  results: readonly ReportedEvaluation[],
  files: readonly string[] | undefined,
  io: Io,
): Promise<void> {
  for (const file of files ?? []) await writeOutput(file, results, io);
}

/** Writes the files of `--output`, and within GitHub Actions tells the workflow. */
export async function writeReports(
  results: readonly ReportedEvaluation[],
  files: readonly string[] | undefined,
  io: Io,
): Promise<void> {
  await writeOutputs(results, files, io);
  reportToGitHub(results.map(toJson), io);
}

/** @throws {AssayError} `invalid-argument` where the file cannot be written after all, which loses nothing that is stored. */
async function writeOutput(
  file: string,
  results: readonly ReportedEvaluation[],
  io: Io,
): Promise<void> {
  try {
    await write(file, resolve(io.cwd, file), results);
  } catch (cause) {
    if (isAssayError(cause)) throw cause;
    const runs = results.map(({ runId }) => `assay runs rows ${runId}`).join(", ");
    throw new AssayError(
      "invalid-argument",
      `Cannot write ${file}: ${reasonOf(cause)}. The results are stored: ${runs}`,
      { cause },
    );
  }
}

async function write(
  file: string,
  path: string,
  results: readonly ReportedEvaluation[],
): Promise<void> {
  if (extname(file) === ".json") {
    await writeFile(path, `${JSON.stringify(results.map(toJson), null, 2)}\n`);
    return;
  }
  const report = reportText(extname(file), results);
  if (report !== undefined) {
    await writeFile(path, report);
    return;
  }
  const handle = await open(path, "w");
  try {
    const isCsv = extname(file) === ".csv";
    const scorers = [...new Set(results.flatMap(({ summaries }) => Object.keys(summaries)))];
    const isOne = results.length === 1;
    if (isCsv) await handle.write(csvHeader(scorers, isOne));
    for (const { name, rows } of results) {
      // Rows of several evaluations say which one they belong to.
      const evaluation = isOne ? undefined : name;
      for await (const row of rows()) {
        await handle.write(isCsv ? csvRow(row, scorers, evaluation) : jsonRow(row, evaluation));
      }
    }
  } finally {
    await handle.close();
  }
}

/** `undefined` for a file of results. */
function reportText(kind: string, results: readonly ReportedEvaluation[]): string | undefined {
  const reports = results.map(toJson);
  if (kind === ".xml") return toJUnit(reports);
  if (kind === ".md") return toMarkdown(reports.map(reportDocument));
  return kind === ".html" ? toHtml(reports.map(reportDocument)) : undefined;
}

/**
 * One evaluation as `--json` prints it; what is unknown is absent. Metrics of a scorer that lacks too
 * many scores are left out, so that no script gates on the mean of the rows that happened to work; its
 * summary has that mean beside its counts.
 */
export function toJson(result: ReportedEvaluation) {
  const { name, runId, experimentId, status, verdict, decision, gates } = result;
  const { summaries, counts, usage, judges, cache, durationMs, problems, notes } = result;
  const { incompleteScorers } = result;
  const metrics = completeMetrics(result.metrics, result);
  return {
    ...{ name, runId, experimentId, status },
    ...(verdict !== undefined && { verdict }),
    ...(decision !== undefined && { decision }),
    gates,
    ...{ metrics, summaries, counts, usage, durationMs },
    ...(judges !== undefined && { judges }),
    ...(cache !== undefined && { cache }),
    ...(incompleteScorers.length > 0 && { incompleteScorers }),
    ...(problems.length > 0 && { problems }),
    ...(notes.length > 0 && { notes }),
    ...(result.adaptive !== undefined && { adaptive: result.adaptive }),
    ...("cell" in result && { cell: result.cell }),
  };
}

/** Metrics without those of scorers that lack too many scores. */
export function completeMetrics(
  metrics: { readonly [key: string]: number },
  {
    incompleteScorers,
    incompleteMetrics = [],
  }: Pick<EvaluateResult, "incompleteScorers" | "incompleteMetrics">,
): { [key: string]: number } {
  const isOf = (metric: string, scorer: string) =>
    metric === scorer || metric.startsWith(`${scorer}/`);
  return Object.fromEntries(
    Object.entries(metrics).filter(
      ([key]) =>
        !incompleteMetrics.includes(key) && !incompleteScorers.some((scorer) => isOf(key, scorer)),
    ),
  );
}

function jsonRow(row: ResultRow, evaluation: string | undefined): string {
  return `${JSON.stringify(evaluation === undefined ? row : { evaluation, ...row })}\n`;
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
const USAGE = ["inputTokens", "outputTokens", "cost"] as const;

function csvHeader(scorers: readonly string[], isOne: boolean): string {
  const before = [...(isOne ? [] : ["evaluation"]), ...FIELDS];
  const behind = ["latencyMs", ...USAGE, "traceId"];
  return csvLine([...before, ...scorerColumns(scorers, [...before, ...behind]), ...behind]);
}

/** A scorer with the name of another column stands as `scores.<name>`: readers of tables mix up two of one name. */
function scorerColumns(scorers: readonly string[], others: readonly string[]): string[] {
  const taken = new Set([...others, ...scorers]);
  return scorers.map((scorer) => {
    if (!others.includes(scorer)) return scorer;
    let column = scorer;
    while (taken.has(column)) column = `scores.${column}`;
    return column;
  });
}

function csvRow(
  row: ResultRow,
  scorers: readonly string[],
  evaluation: string | undefined,
): string {
  return csvLine([
    ...(evaluation === undefined ? [] : [evaluation]),
    ...FIELDS.map((field) => text(row[field])),
    ...scorers.map((scorer) => {
      const score = row.scores[scorer];
      return score?.kind === "scored" ? String(score.value) : (score?.reason ?? "");
    }),
    text(row.latencyMs),
    ...USAGE.map((field) => text(row.usage?.[field])),
    row.traceId ?? "",
  ]);
}
