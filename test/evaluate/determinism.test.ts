import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { defineScorer, sha256 } from "../../src/core/index.ts";
import type { EvaluateOptions } from "../../src/evaluate/index.ts";
import { exactMatch, tokenF1 } from "../../src/metrics/index.ts";
import { rowsOf, useTempStore } from "./temp-store.ts";

const at = useTempStore();

const ROWS = Array.from({ length: 90 }, (_, i) => ({
  question: `question ${i % 60}`,
  gold: `word ${i % 7} and ${i % 5}`,
}));

/** A number below `most` that the text decides. */
const drawn = (text: string, most: number) => Number.parseInt(sha256(text).slice(0, 8), 16) % most;

async function turns(count: number): Promise<void> {
  for (let at = 0; at < count; at++) await nextTurn();
}

/** Answers after a while that differs from call to call, and fails on some rows. */
function evaluation(more: Partial<EvaluateOptions> = {}) {
  const calls: string[] = [];
  const options: EvaluateOptions = {
    name: "same",
    data: ROWS,
    targets: "gold",
    maxFailed: 1,
    model: async ({ question }: { question: string }, { row, trial }) => {
      const call = `${row.rowKey} ${trial}`;
      calls.push(call);
      await turns(drawn(`${call} ${calls.length}`, 4));
      if (drawn(question, 9) === 0) throw new Error(`no answer to ${question}`);
      return `word ${drawn(call, 7)} and ${drawn(call, 5)}`;
    },
    scorers: [
      exactMatch(),
      tokenF1(),
      defineScorer({ name: "slow" }, async ({ row, trial }) => {
        await turns(drawn(`${row.rowKey} ${trial} slow`, 3));
        return drawn(row.rowKey, 2) === 0 ? null : drawn(`${row.rowKey} ${trial}`, 100) / 100;
      }),
    ],
    gates: ["token_f1/v1/mean >= 0.5"],
    ...more,
  };
  return { options, calls };
}

/** All that a run is about, without times and random ids. */
async function outcomeOf(more: Partial<EvaluateOptions>) {
  const { options, calls } = evaluation(more);
  const result = await at.evaluate(options);
  const { status, verdict, decision, gates, summaries, counts, problems } = result;
  const metrics = Object.entries(result.metrics).filter(([key]) => !key.startsWith("latency/"));
  const rows = (await rowsOf(result)).map(({ latencyMs: _l, traceId: _t, ...row }) => row);
  return {
    calls,
    seen: { status, verdict, decision, gates, summaries, counts, problems, metrics, rows },
  };
}

describe.each<[string, Partial<EvaluateOptions>]>([
  ["all rows", {}],
  ["with trials", { trials: 3 }],
  ["a sampled share", { sample: 0.4, seed: 5 }],
  ["a sampled number with trials", { sample: 20, seed: 5, trials: 2 }],
  ["a stream, sampled and limited", { data: () => ROWS.values(), sample: 0.5, seed: 3, limit: 25 }],
])("the same seed and data, %s,", (_, options) => {
  test("give the same calls in the same order one at a time, and the same results at any concurrency", async () => {
    const first = await outcomeOf({ ...options, concurrency: 1 });
    const again = await outcomeOf({ ...options, concurrency: 1 });
    expect(again.calls).toEqual(first.calls);
    expect(again.seen).toEqual(first.seen);
    const byOrdinal = first.seen.rows.map(({ rowKey, trial }) => `${rowKey} ${trial}`);
    expect(first.calls).toEqual(byOrdinal);
    for (const concurrency of [8, 64]) {
      const { calls, seen } = await outcomeOf({ ...options, concurrency });
      expect(seen).toEqual(first.seen);
      expect(calls.toSorted()).toEqual(first.calls.toSorted());
    }
  });
});

test("another seed draws other rows", async () => {
  const keys = async (seed: number) =>
    (await outcomeOf({ sample: 0.4, seed })).seen.rows.map(({ rowKey }) => rowKey);
  expect(await keys(1)).not.toEqual(await keys(2));
});

test("outputs made beforehand give the same results at any concurrency", async () => {
  const data = ROWS.map((row, i) => ({ ...row, answer: `word ${i % 7} and ${i % 3}` }));
  const outcome = (concurrency: number) =>
    outcomeOf({ data, model: undefined as never, predictions: "answer", concurrency });
  const { seen } = await outcome(1);
  expect((await outcome(8)).seen).toEqual(seen);
  expect((await outcome(64)).seen).toEqual(seen);
});
