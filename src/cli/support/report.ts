import {
  dollarsText,
  type ResultRow,
  type Summary,
  soleInput,
  type Usage,
} from "../../core/index.ts";
import type { EvaluateResult, FlakyRow } from "../../evaluate/index.ts";
import { type GateResult, labelOf } from "../../gates/index.ts";
import { intervalText, milliseconds, number, scoreText, text, usageText } from "./format.ts";
import { line, type Output } from "./io.ts";
import { printOtherMetrics } from "./other-metrics.ts";
import { type Column, oneLine, renderTable } from "./table.ts";

const ROWS_SHOWN = 8;
const REASONS_SHOWN = 3;
const FLAKY_SHOWN = 5;
/** More columns leave too little room for the texts. */
const SCORERS_SHOWN = 3;

/** The result of an evaluation for people: rows worth a look, means with what they rest on, gates, what to run next. */
export async function printReport(result: EvaluateResult, out: Output): Promise<void> {
  line(out);
  const rows = await rowsWorthALook(result);
  printRows(rows, { ...out, columns: widthOfReport(out) }, mainScorer(result));
  const more = result.counts.completed - rows.length;
  if (more > 0) line(out, `… ${more} more: assay runs rows ${short(result.runId)}`);
  line(out);
  printSummaries(result, out);
  printOtherMetrics(result.metrics, result, out, { isBrief: true });
  line(out);
  for (const problem of result.problems) line(out, `INCOMPLETE  ${problem}`);
  await printFlaky(result, out);
  for (const note of result.notes) line(out, `note: ${oneLine(note)}`);
  for (const gate of result.gates) line(out, gateLine(gate));
  for (const text of judgeLines(result)) line(out, text);
  line(out, closing(result));
}

export function gateLine(gate: GateResult): string {
  return `${labelOf(gate)}  ${gate.message}`;
}

/** A look at rows is cut in a log of CI, too: all of them are in `runs rows`. */
function widthOfReport({ columns }: Output): number {
  return Number.isFinite(columns) ? columns : 100;
}

/** What these say of an answer is neither good nor bad. */
const DESCRIPTIONS = ["token_count", "ari_grade_level", "flesch_kincaid_grade_level"];

const describes = (key: string) => DESCRIPTIONS.includes(key.split("/")[0] as string);

/** The scorer people look at first: the last one of quality, because a caller's own stand behind the defaults. */
function mainScorer({ summaries }: EvaluateResult): string | undefined {
  const keys = Object.keys(summaries);
  return keys.findLast((key) => !describes(key)) ?? keys.at(-1);
}

/** Failed rows first, then the worst scores of the main scorer. */
async function rowsWorthALook(result: EvaluateResult): Promise<ResultRow[]> {
  const failed = await take(result.rows({ failed: true, limit: ROWS_SHOWN }));
  const seen = new Set(failed.map(({ ordinal, trial }) => `${ordinal}/${trial}`));
  const worst = mainScorer(result);
  const others = await take(
    result.rows({ limit: ROWS_SHOWN * 2, ...(worst !== undefined && { worst }) }),
  );
  const fresh = others.filter(({ ordinal, trial }) => !seen.has(`${ordinal}/${trial}`));
  return [...failed, ...fresh].slice(0, ROWS_SHOWN);
}

async function take(rows: AsyncIterable<ResultRow>): Promise<ResultRow[]> {
  const taken: ResultRow[] = [];
  for await (const row of rows) taken.push(row);
  return taken;
}

/** @param first - The scorer whose column comes first; a name or a key. */
export function printRows(rows: readonly ResultRow[], out: Output, first?: string): void {
  const place = (key: string) =>
    key === first || key.split("/")[0] === first ? 0 : describes(key) ? 2 : 1;
  const scorers = [...new Set(rows.flatMap((row) => Object.keys(row.scores)))]
    .sort((a, b) => place(a) - place(b))
    .slice(0, SCORERS_SHOWN);
  const hasTrials = rows.some(({ trial }) => trial > 0);
  const columns: Column[] = [
    { title: "row", align: "right" },
    ...(hasTrials ? [{ title: "trial", align: "right" as const }] : []),
    { title: "input", flexible: true },
    { title: "output", flexible: true },
    ...scorers.map((title): Column => ({ title: title.split("/")[0] as string, align: "right" })),
  ];
  const cells = rows.map((row) => [
    String(row.ordinal + 1),
    ...(hasTrials ? [String(row.trial + 1)] : []),
    text(soleInput(row.inputs)),
    row.error === undefined ? text(row.outputs) : `✗ ${row.error}`,
    ...scorers.map((scorer) => scoreText(row.scores[scorer])),
  ]);
  for (const row of renderTable(columns, cells, out.columns)) line(out, row);
  for (const reason of reasonsOf(rows)) line(out, reason);
}

/** How many rows are flaky, and the first of them. */
async function printFlaky({ counts, flaky, runId }: EvaluateResult, out: Output): Promise<void> {
  if (counts.flaky === undefined || counts.flaky === 0) return;
  const first: FlakyRow[] = [];
  for await (const row of flaky) {
    first.push(row);
    if (first.length === FLAKY_SHOWN) break;
  }
  const which = first.map(({ ordinal }) => ordinal + 1).join(", ");
  const more = counts.flaky > first.length ? ", …" : "";
  const rows = counts.flaky === 1 ? "1 row is" : `${counts.flaky} rows are`;
  line(out, `${rows} flaky (${which}${more}): assay runs rows ${short(runId)} --flaky`);
}

/** A line per row: what each trial scored by the scorers whose verdicts differ. */
export function printFlakyRows(rows: readonly FlakyRow[], out: Output): void {
  const columns: Column[] = [
    { title: "row", align: "right" },
    { title: "input", flexible: true },
    { title: "scorer" },
    { title: "trials" },
  ];
  const cells = rows.flatMap(({ ordinal, scorers, trials }) =>
    scorers.map((scorer) => [
      String(ordinal + 1),
      text(soleInput(trials[0]?.inputs ?? {})),
      scorer,
      trials.map(({ scores }) => scoreText(scores[scorer])).join(" "),
    ]),
  );
  for (const row of renderTable(columns, cells, out.columns)) line(out, row);
}

/** Why scorers gave no score, each reason once; a model's failure stands in the table already. */
function reasonsOf(rows: readonly ResultRow[]): string[] {
  const reasons = rows.flatMap(({ scores }) =>
    Object.entries(scores).flatMap(([scorer, score]) =>
      score.kind === "unscored" && score.reason !== "model-failed"
        ? [`${scorer}: ${score.reason}: ${oneLine(score.detail)}`]
        : [],
    ),
  );
  return [...new Set(reasons)].slice(0, REASONS_SHOWN);
}

export function printSummaries(
  { summaries, incompleteScorers }: Pick<EvaluateResult, "summaries" | "incompleteScorers">,
  out: Output,
): void {
  const columns: Column[] = [
    { title: "scorer" },
    { title: "mean", align: "right" },
    { title: "95 % interval", align: "right" },
    { title: "scored", align: "right" },
    { title: "failed", align: "right" },
    { title: "n/a", align: "right" },
    { title: "missing", align: "right" },
  ];
  const cells = Object.entries(summaries).map(([key, summary]) => {
    const isIncomplete = incompleteScorers.includes(key);
    return [key, ...meanCells(summary, isIncomplete), ...countCells(summary)];
  });
  for (const row of renderTable(columns, cells, out.columns)) line(out, row);
}

/** A mean over the rows that happened to work would flatter a model that fails on the hard ones. */
function meanCells(summary: Summary, isIncomplete: boolean): [string, string] {
  if (isIncomplete) return ["incomplete", ""];
  return [summary.mean === undefined ? "–" : number(summary.mean), intervalText(summary)];
}

function countCells({ scored, failed, notApplicable, missing }: Summary): string[] {
  return [scored, failed, notApplicable, missing].map(String);
}

/** What each judge called and used. */
export function judgeLines({ judges = {} }: Pick<EvaluateResult, "judges">): string[] {
  return Object.entries(judges).map(
    ([key, { calls, cached, failed, attempts, latencyMs, usage }]) => {
      const asked = calls - cached;
      const parts = [
        `${calls} calls`,
        cached > 0 && `${cached} from the cache`,
        failed > 0 && `${failed} failed`,
        attempts !== undefined && attempts > asked && `${attempts} requests`,
        asked > 0 && `${milliseconds(latencyMs / calls)} each`,
        usageText(usage),
      ];
      return `${key}: ${parts.filter(Boolean).join(" · ")}`;
    },
  );
}

function closing(result: EvaluateResult): string {
  const { status, counts, usage, cache, durationMs, decision } = result;
  const parts = [
    status === "finished" ? undefined : status.toUpperCase(),
    `${counts.completed} of ${counts.trials} ${counts.trials === counts.rows ? "rows" : "trials"}`,
    counts.failed > 0 ? `${counts.failed} failed` : undefined,
    usageText(usage) || undefined,
    cache && `${cache.hits} from the cache${savedText(cache.saved)}`,
    milliseconds(durationMs),
    decision === undefined ? "no gate" : `decision: ${decision}`,
  ];
  return parts.filter((part) => part !== undefined).join(" · ");
}

function savedText(saved: Usage): string {
  return saved.cost === undefined ? "" : ` (saved ${dollarsText(saved.cost)})`;
}

/** How to look closer, as commands that can be pasted. */
export async function printNextSteps(
  result: EvaluateResult,
  out: Output,
  trackingUri: string | undefined,
): Promise<void> {
  const worst = mainScorer(result)?.split("/")[0];
  const order = worst === undefined ? {} : { worst };
  const isFailing = result.counts.failed > 0;
  const [row] = await take(result.rows({ limit: 1, ...(isFailing ? { failed: true } : order) }));
  const store = trackingUri === undefined ? "" : ` --tracking-uri ${trackingUri}`;
  const which = isFailing ? " --failed" : worst === undefined ? "" : ` --worst ${worst}`;
  line(out);
  line(out, "Look closer:");
  line(out, `  npx assay runs rows ${short(result.runId)}${which}${store}`);
  if (row?.traceId !== undefined) {
    const trace = row.traceId.slice(0, 15);
    line(out, `  npx assay traces show ${trace}${store}   (row ${row.ordinal + 1})`);
  }
}

export function short(runId: string): string {
  return runId.slice(0, 12);
}
