import {
  isAssayError,
  type JudgeCall,
  type Row,
  type Score,
  type Scorer,
  scorerKey,
  withoutAbsent,
} from "../core/index.ts";
import type { NewResult } from "../store/index.ts";
import { discardTraces } from "../tracing/index.ts";
import { deadlineOf, type Prediction, predict, type TrialContext, wasGivenUp } from "./predict.ts";
import { toSample } from "./sample.ts";
import { scorerFailure, toScores, unscored } from "./to-scores.ts";
import { withinDeadline } from "./within-deadline.ts";

/** Predicts, commits, scores and commits again; resolves to whether the model answered. */
export async function runTrial(context: TrialContext, row: Row, trial: number): Promise<boolean> {
  const { plan, store, runId } = context;
  const prediction = await predict(context, row, trial);
  const { outcome, latencyMs, usage, trace } = prediction;
  const resultId = await store.results.commitResult(
    runId,
    withoutAbsent<NewResult>({
      rowKey: row.rowKey,
      ordinal: row.ordinal,
      trial,
      inputs: row.inputs,
      expectations: row.expectations,
      outcome,
      latencyMs,
      usage,
      traceId: trace?.info.traceId,
    }),
  );
  // All are waited for: a scorer that goes on after the run was given up would write into a finished run.
  const commits = await Promise.allSettled(
    plan.scorers.map(async (scorer) => {
      const { scores, calls } = await score(context, scorer, row, trial, prediction);
      await store.results.commitScore(runId, {
        resultId,
        scorer: scorerKey(scorer.scorer),
        scores,
        calls,
      });
    }),
  );
  const failed = commits.find((commit) => commit.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return "outputs" in outcome;
}

async function score(
  { plan }: TrialContext,
  scorer: Scorer,
  row: Row,
  trial: number,
  { outcome, trace }: Prediction,
): Promise<{ scores: Score[]; calls: JudgeCall[] }> {
  const calls: JudgeCall[] = [];
  if ("error" in outcome) return { scores: [unscored("model-failed", outcome.error)], calls };
  const sample = toSample(row, trial, outcome.outputs, trace, (call) => calls.push(call));
  try {
    // A judge's own calls are not part of the application's trace.
    const output = await discardTraces(() =>
      withinDeadline(deadlineOf(plan), async (signal) => scorer({ ...sample, signal })),
    );
    return { scores: toScores(output, scorer.scorer), calls };
  } catch (error) {
    if (isAssayError(error, "configuration") || wasGivenUp(error, plan.options.signal)) throw error;
    return { scores: [scorerFailure(error)], calls };
  }
}
