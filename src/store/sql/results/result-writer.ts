import { setImmediate as nextTurn } from "node:timers/promises";
import type { Transaction } from "kysely";
import {
  AssayError,
  type JsonObject,
  type JudgeCall,
  type Score,
  type Scrubber,
  sha256,
} from "../../../core/index.ts";
import type { NewResult, NewVerdicts } from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import { insertRows, type SqlValue, textOf } from "../engine.ts";
import type { Schema } from "../schema.ts";
import { usageColumns } from "../usage-columns.ts";
import { CALL_INSERT, RESULT_INSERT, SCORE_INSERT } from "./result-inserts.ts";
import { toColumns } from "./score-columns.ts";

/** A row whose first column is an id that is known only when it is written. */
type OpenRow = SqlValue[];

const UNDECIDED = null;

/** The verdicts of one scorer on one result, with the calls of its judge. */
export interface ScoreValues {
  /** In `scores`; the first column, the result, is open where the result is written together with them. */
  readonly verdicts: readonly OpenRow[];
  readonly calls: readonly OpenRow[];
}

/** A result, with the scores that were known when it was committed. */
export interface ResultValues {
  readonly row: OpenRow;
  readonly scores: readonly ScoreValues[];
}

/**
 * The columns of `results`; JSON is made and scrubbed here, before any transaction: at once, unless some
 * of it is long.
 */
export function resultRow(
  { scrubber }: SqlContext,
  run: number,
  result: NewResult,
): OpenRow | Promise<OpenRow> {
  const { outcome, inputs, expectations, metadata, tags, columns } = result;
  const optional = (value: JsonObject | undefined) =>
    value === undefined ? null : scrubber.jsonInPasses(value, nextTurn);
  const json = [
    scrubber.jsonInPasses(inputs, nextTurn),
    scrubber.jsonInPasses(expectations, nextTurn),
    "outputs" in outcome ? scrubber.jsonInPasses(outcome.outputs ?? null, nextTurn) : null,
    optional(metadata),
    optional(tags),
    optional(columns),
  ];
  return json.every(isReady)
    ? rowOf(scrubber, run, result, json)
    : Promise.all(json).then((texts) => rowOf(scrubber, run, result, texts));
}

const isReady = (text: string | null | Promise<string>) =>
  typeof text === "string" || text === null;

function rowOf(
  scrubber: Scrubber,
  run: number,
  result: NewResult,
  [inputs, expectations, outputs, ...fields]: readonly SqlValue[],
): OpenRow {
  const { outcome, usage } = result;
  const row: OpenRow = [
    UNDECIDED,
    run,
    result.ordinal,
    result.trial,
    scrubber.key(result.rowKey),
    inputs as string,
    expectations as string,
    outputs as SqlValue,
    "error" in outcome ? scrubber.text(outcome.error) : null,
    result.latencyMs ?? null,
  ];
  pushUsage(row, usage);
  const { traceId = null, group } = result;
  row.push(traceId, ...fields, group === undefined ? null : groupKey(scrubber, group));
  return row;
}

/** Groups stay apart where what names them is not to be seen. */
function groupKey(scrubber: Scrubber, group: string): string {
  return scrubber.text(group) === group ? group : `[redacted:${sha256(group).slice(0, 16)}]`;
}

export function scoreValues(
  { scrubber }: SqlContext,
  run: number,
  scorerId: number,
  { scores, calls = [] }: NewVerdicts,
  resultId: number | typeof UNDECIDED = UNDECIDED,
): ScoreValues {
  return {
    verdicts: scores.map((verdict, part) =>
      verdictRow(scrubber, verdict, resultId, scorerId, part),
    ),
    calls: calls.map((call) => callRow(scrubber, run, scorerId, call)),
  };
}

function callRow(scrubber: Scrubber, run: number, scorerId: number, call: JudgeCall): OpenRow {
  const row: OpenRow = [
    UNDECIDED,
    run,
    scrubber.name(call.model),
    call.answeredBy === undefined ? null : scrubber.name(call.answeredBy),
    scrubber.text(call.reply),
    call.latencyMs,
  ];
  pushUsage(row, call.usage);
  row.push(scorerId, call.attempts ?? null, call.error ?? null, call.isCached ? 1 : null);
  return row;
}

function pushUsage(row: OpenRow, usage: NewResult["usage"]): void {
  if (usage === undefined) {
    row.push(null, null, null);
    return;
  }
  const { input_tokens, output_tokens, cost } = usageColumns(usage);
  row.push(input_tokens, output_tokens, cost);
}

function verdictRow(
  scrubber: Scrubber,
  verdict: Score,
  resultId: number | typeof UNDECIDED,
  scorerId: number,
  part: number,
): OpenRow {
  const { kind, value, label, reason, note, part_name } = toColumns(verdict);
  // SQLite would make it NULL: scored, and without a value.
  if (Number.isNaN(value)) {
    throw new AssayError(
      "invalid-argument",
      "Expected the value of a score to be a number, got NaN. Where there is no verdict, the score is unscored, with the reason.",
    );
  }
  return [
    resultId,
    scorerId,
    part,
    kind,
    value,
    scrubbed(scrubber, label),
    reason,
    scrubbed(scrubber, note),
    scrubbed(scrubber, part_name),
    null,
  ];
}

const scrubbed = (scrubber: Scrubber, text: string | null) => (text ? scrubber.text(text) : text);

export function sizeOfScores({ verdicts, calls }: ScoreValues): number {
  let size = 0;
  for (const row of verdicts) size += textOf(row);
  for (const row of calls) size += textOf(row);
  return size;
}

export function sizeOfResult({ row, scores }: ResultValues): number {
  let size = textOf(row);
  for (const score of scores) size += sizeOfScores(score);
  return size;
}

/** Writes results, with the scores that came along, and resolves to their ids. */
export async function writeResults(
  context: SqlContext,
  transaction: Transaction<Schema>,
  results: readonly ResultValues[],
): Promise<readonly number[]> {
  const { engine } = context;
  const ids = await engine.reserveIds(transaction, "results", results.length);
  const scores: ScoreValues[] = [];
  for (const [at, result] of results.entries()) {
    const id = ids[at] as number;
    result.row[0] = id;
    for (const score of result.scores) {
      for (const verdict of score.verdicts) verdict[0] = id;
      scores.push(score);
    }
  }
  await insertRows(
    engine,
    transaction,
    RESULT_INSERT,
    results.map(({ row }) => row),
  );
  if (scores.length > 0) await writeScores(context, transaction, scores);
  return ids;
}

/** Writes scores; a verdict names the last call of its judge. */
export async function writeScores(
  { engine }: SqlContext,
  transaction: Transaction<Schema>,
  scores: readonly ScoreValues[],
): Promise<readonly undefined[]> {
  const calls = scores.flatMap((score) => score.calls);
  if (calls.length > 0) {
    const ids = await engine.reserveIds(transaction, "calls", calls.length);
    for (const [at, call] of calls.entries()) call[0] = ids[at] as number;
    await insertRows(engine, transaction, CALL_INSERT, calls);
  }
  const rows: OpenRow[] = [];
  for (const { verdicts, calls } of scores) {
    const callId = calls.at(-1)?.[0] ?? null;
    for (const verdict of verdicts) {
      verdict[verdict.length - 1] = callId;
      rows.push(verdict);
    }
  }
  await insertRows(engine, transaction, SCORE_INSERT, rows);
  return new Array<undefined>(scores.length);
}
