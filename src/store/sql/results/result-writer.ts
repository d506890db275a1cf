import type { Transaction } from "kysely";
import { AssayError, type Score, type Usage } from "../../../core/index.ts";
import type { NewResult, NewScore } from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import { insertRows, type SqlValue } from "../engine.ts";
import type { Schema } from "../schema.ts";
import { usageColumns } from "../usage-columns.ts";
import { CALL_INSERT, RESULT_INSERT, SCORE_INSERT } from "./result-inserts.ts";
import { toColumns } from "./score-columns.ts";

type Row = readonly SqlValue[];

/** A row without its id, which is decided when it is written. */
export type ResultValues = Row;

/** The verdicts of one scorer on one result, with the calls of its judge. */
export interface ScoreValues {
  readonly resultId: number;
  readonly scorerId: number;
  readonly verdicts: readonly Row[];
  readonly calls: readonly Row[];
}

/** The columns of `results` behind the id; JSON is made and scrubbed here, before any transaction. */
export function resultValues(
  { scrubber }: SqlContext,
  run: number,
  result: NewResult,
): ResultValues {
  const { outcome, usage = {} } = result;
  return [
    run,
    result.ordinal,
    result.trial,
    scrubber.key(result.rowKey),
    scrubber.json(result.inputs),
    scrubber.json(result.expectations),
    "outputs" in outcome ? scrubber.json(outcome.outputs ?? null) : null,
    "error" in outcome ? scrubber.text(outcome.error) : null,
    result.latencyMs ?? null,
    ...usageValues(usage),
    result.traceId ?? null,
  ];
}

export function scoreValues(
  context: SqlContext,
  run: number,
  scorerId: number,
  score: NewScore,
): ScoreValues {
  const { scrubber } = context;
  return {
    resultId: score.resultId,
    scorerId,
    verdicts: score.scores.map((verdict) => verdictValues(context, verdict)),
    calls: (score.calls ?? []).map(({ usage = {}, ...call }) => [
      run,
      scrubber.name(call.model),
      call.answeredBy === undefined ? null : scrubber.name(call.answeredBy),
      scrubber.text(call.reply),
      call.latencyMs,
      ...usageValues(usage),
    ]),
  };
}

function usageValues(usage: Usage): readonly (number | null)[] {
  const { input_tokens, output_tokens, cost } = usageColumns(usage);
  return [input_tokens, output_tokens, cost];
}

function verdictValues({ scrubber }: SqlContext, verdict: Score): Row {
  const { kind, value, label, reason, note, part_name } = toColumns(verdict);
  // SQLite would make it NULL: scored, and without a value.
  if (Number.isNaN(value)) {
    throw new AssayError(
      "invalid-argument",
      "Expected the value of a score to be a number, got NaN. Where there is no verdict, the score is unscored, with the reason.",
    );
  }
  const scrubbed = (text: string | null | undefined) =>
    text ? scrubber.text(text) : (text ?? null);
  return [
    kind,
    value ?? null,
    scrubbed(label),
    reason ?? null,
    scrubbed(note),
    scrubbed(part_name),
  ];
}

/** Writes results and resolves to their ids. */
export async function writeResults(
  { engine }: SqlContext,
  transaction: Transaction<Schema>,
  results: readonly ResultValues[],
): Promise<readonly number[]> {
  const ids = await engine.reserveIds(transaction, "results", results.length);
  const rows = results.map((values, at) => [ids[at] as number, ...values]);
  await insertRows(engine, transaction, RESULT_INSERT, rows);
  return ids;
}

/** Writes scores; a verdict names the last call of its judge. */
export async function writeScores(
  { engine }: SqlContext,
  transaction: Transaction<Schema>,
  scores: readonly ScoreValues[],
): Promise<readonly undefined[]> {
  const calls = scores.flatMap((score) => score.calls);
  const ids = calls.length > 0 ? await engine.reserveIds(transaction, "calls", calls.length) : [];
  await insertRows(
    engine,
    transaction,
    CALL_INSERT,
    calls.map((values, at) => [ids[at] as number, ...values]),
  );
  const rows: Row[] = [];
  let used = 0;
  for (const { resultId, scorerId, verdicts, calls } of scores) {
    used += calls.length;
    const callId = calls.length > 0 ? (ids[used - 1] as number) : null;
    for (const [part, verdict] of verdicts.entries()) {
      rows.push([resultId, scorerId, part, ...verdict, callId]);
    }
  }
  await insertRows(engine, transaction, SCORE_INSERT, rows);
  return scores.map(() => undefined);
}
