import {
  AssayError,
  completedSample,
  type JudgeCall,
  type Scorer,
  type ScorerEnvironment,
  type ScorerOutput,
  type Usage,
} from "../../core/index.ts";
import type { JudgedRow, LabelledRow, LabelValue } from "./labels.ts";

/** What became of the rows that were put to a judge. */
export interface JudgedRows {
  readonly judged: readonly JudgedRow[];
  /** Why the others have no verdict, by reason. */
  readonly unscored: { readonly [reason: string]: number };
  /** Of the calls that were made. */
  readonly usage: Usage;
}

/** How a judge is asked. */
export interface AskOptions {
  readonly environment?: ScorerEnvironment;
  /** Rows in flight at once; default 8. */
  readonly concurrency?: number;
  readonly signal?: AbortSignal;
}

/**
 * The judge's verdicts on rows: those that are there already, and for the rest what the judge says now.
 *
 * @throws {AssayError} what concerns every row, e.g. `configuration` for a missing key.
 */
export async function judgeRows(
  judge: Scorer,
  rows: readonly { readonly row: LabelledRow; readonly index: number }[],
  { concurrency = 8, signal }: AskOptions,
): Promise<JudgedRows> {
  const judged: JudgedRow[] = [];
  const unscored: { [reason: string]: number } = {};
  const usage = { inputTokens: 0, outputTokens: 0 };
  const recordCall = (call: JudgeCall) => {
    usage.inputTokens += call.usage?.inputTokens ?? 0;
    usage.outputTokens += call.usage?.outputTokens ?? 0;
  };
  const queue = rows.values();
  const work = async () => {
    for (const { row, index } of queue) {
      if (signal?.aborted) throw new AssayError("cancelled", "Stopped while the judge was asked");
      const sample = { ...completedSample(row), recordCall, ...(signal && { signal }) };
      const found = row.verdict ?? verdictOf(await judge(sample));
      if (typeof found === "object") unscored[found.reason] = (unscored[found.reason] ?? 0) + 1;
      else judged.push({ row, index, verdict: found });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  // As they stand in the labels, whichever was answered first.
  judged.sort((a, b) => a.index - b.index);
  return { judged, unscored, usage };
}

/** The verdict on the row as a whole, or why there is none. */
export function verdictOf(output: ScorerOutput | null): LabelValue | { readonly reason: string } {
  if (output === null) return { reason: "not-applicable" };
  if (typeof output !== "object") return output;
  if (Array.isArray(output)) return verdictOf((output[0] as ScorerOutput | undefined) ?? null);
  if ("kind" in output) return output.kind === "scored" ? output.value : { reason: output.reason };
  const { score } = output as { readonly score: number | null };
  return score ?? { reason: "not-applicable" };
}
