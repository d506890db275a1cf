import type { EvaluationPlan, NewResult, TrackingStore } from "../../store/index.ts";
import { newRun } from "./kit.ts";

export const RELEVANCE = "relevance/v1";
export const LATENCY = "slowness";

export const PLAN: EvaluationPlan = {
  name: "suite",
  rows: 3,
  trials: 2,
  scorers: [
    { name: "relevance", version: "v1", scale: [1, 5], greaterIsBetter: true },
    { name: LATENCY, greaterIsBetter: false },
  ],
  dataset: { name: "questions.jsonl", digest: "d1" },
  model: "offline:/reader",
};

/** What an evaluation without scorers came to, beside its status. */
export const OUTCOME = {
  gates: [],
  summaries: {},
  usage: {},
  durationMs: 1,
  problems: [],
  incompleteScorers: [],
} as const;

export async function beginEvaluation(store: TrackingStore): Promise<string> {
  const runId = await newRun(store);
  await store.results.beginEvaluation(runId, PLAN);
  return runId;
}

export function newResult(ordinal: number, more: Partial<NewResult> = {}): NewResult {
  return {
    rowKey: `row-${ordinal}`,
    ordinal,
    trial: 0,
    inputs: { question: `q${ordinal}` },
    expectations: { expected_response: `a${ordinal}` },
    outcome: { outputs: `answer ${ordinal}` },
    ...more,
  };
}
