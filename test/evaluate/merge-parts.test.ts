import { join } from "node:path";
import { expect, test } from "vitest";
import { defineScorer, type ResultRow, type Score } from "../../src/core/index.ts";
import { type EvaluateOptions, mergeShards } from "../../src/evaluate/index.ts";
import { makeGenaiMetric } from "../../src/judges/index.ts";
import { storeAt } from "../../src/tracking/index.ts";
import { tempFolder } from "../store/temp-folder.ts";
import { startProviderServer } from "../support/provider-server.ts";
import { numbered, useTempStore } from "./temp-store.ts";

const at = useTempStore();

/** Votes as a panel gives them: the mean, then each of them. */
const votes = defineScorer({ name: "votes" }, ({ outputs }): readonly Score[] => [
  { kind: "scored", value: Number(outputs) },
  { kind: "scored", value: Number(outputs) + 1, part: "first", rationale: "high" },
  { kind: "unscored", reason: "refused", detail: "no", part: "second" },
]);

/** Evaluates shard by shard into one store, and merges them. */
async function mergedOf(
  options: EvaluateOptions,
  parts: readonly string[],
  merging?: Parameters<typeof mergeShards>[2],
) {
  const store = await at.open();
  const shards = [];
  for (const shard of parts) {
    const { runId } = await at.evaluate({ ...options, shard });
    shards.push({ store, runId });
  }
  return { store, merged: await mergeShards(store, shards, merging) };
}

test("shards that become one run keep the fields of rows and the groups that gates ask for", async () => {
  const value = defineScorer({ name: "value", scale: [0, 9] }, ({ outputs }) => Number(outputs));
  const data = numbered(20).map((inputs) => ({
    inputs,
    metadata: { document_id: inputs.i % 5, category: inputs.i < 10 ? "low" : "high" },
  }));
  const gates = ["value >= 3", "value[category=low] >= 3", "value >= 2"];
  const model = ({ i }: { readonly [name: string]: unknown }) => Number(i) % 7;
  const options = { name: "parted", data, model, scorers: [value], gates };
  const whole = await at.evaluate(options);
  const { store, merged } = await mergedOf(options, ["1/3", "2/3", "3/3"], { gates });
  const record = await store.results.getEvaluation(merged);
  expect(record?.outcome?.gates).toEqual(whole.gates);
  expect(record?.outcome?.summaries).toEqual(whole.summaries);
  expect(whole.gates[0]?.counts?.clusters).toBe(5);
});

test("shards that become one run know how much of their cost is not known", async () => {
  const reply = {
    id: "x",
    object: "chat.completion",
    model: "gpt-4o-mini",
    choices: [{ index: 0, message: { role: "assistant", content: "a" }, finish_reason: "stop" }],
  };
  const usage = { inputTokens: 1_000, outputTokens: 100 };
  const server = await startProviderServer({
    reply: ({ text }) =>
      text.includes("odd") ? { rawBody: JSON.stringify(reply) } : { text: "a", usage },
  });
  const gates = ["cost/total <= 1usd"];
  const options: EvaluateOptions = {
    name: "unmetered",
    data: numbered(8).map(({ i }) => ({ question: `${i} ${i % 2 === 0 ? "even" : "odd"}` })),
    model: "openai:/gpt-4o-mini",
    scorers: [defineScorer({ name: "length" }, ({ outputs }) => String(outputs).length)],
    gates,
    env: server.env,
  };
  const whole = await at.evaluate(options);
  const { store, merged } = await mergedOf(options, ["1/2", "2/2"], { gates });
  await server.close();
  expect(whole.gates[0]).toMatchObject({ verdict: "undecided", decision: "pass" });
  const outcome = (await store.results.getEvaluation(merged))?.outcome;
  expect(outcome?.gates).toEqual(whole.gates);
  expect(outcome?.notes).toContainEqual(
    expect.stringContaining("the cost of 4 answers is not known"),
  );
});

test("shards that become one run know what their judges called together", async () => {
  const judge = makeGenaiMetric({
    name: "relevance",
    definition: "How well the answer addresses the question.",
    gradingPrompt: "1 is irrelevant, 5 is perfect.",
    model: "offline:/lexical-judge",
  });
  const data = Array.from({ length: 6 }, (_, i) => ({
    inputs: { question: `q${i}` },
    outputs: "q",
  }));
  const options = { name: "judged", data, scorers: [judge], cache: false };
  const whole = await at.evaluate(options);
  const { store, merged } = await mergedOf(options, ["1/2", "2/2"]);
  const { latencyMs: _, ...counted } = whole.judges?.["relevance/v1"] ?? { latencyMs: 0 };
  expect(counted).toMatchObject({ calls: 6 });
  const record = await store.results.getEvaluation(merged);
  expect(record?.outcome?.judges?.["relevance/v1"]).toMatchObject(counted);
});

test("shards bring their traces and what was called along from stores of their own", async () => {
  const model = ({ i }: { readonly [name: string]: unknown }) => `answer ${i}`;
  const asked = defineScorer({ name: "asked" }, (_sample) => 1);
  const options = { name: "traced", data: numbered(4), model, scorers: [asked] };
  const shards = [];
  for (const shard of ["1/2", "2/2"]) shards.push(await at.evaluate({ ...options, shard }));
  const store = await at.open();
  await store.results.reopenEvaluation(shards[0]?.runId ?? "");
  const call = { model: "openai:/m", reply: "5", latencyMs: 3, usage: { inputTokens: 7 } };
  await store.results.commitScores(shards[0]?.runId ?? "", [
    { resultId: 0, scorer: "asked", scores: [], calls: [call] },
  ]);
  await store.results.finishEvaluation(shards[0]?.runId ?? "", {
    ...{ status: "finished", gates: [], summaries: {}, usage: {}, durationMs: 1 },
    ...{ problems: [], incompleteScorers: [] },
  });

  const target = await storeAt(`sqlite:///${join(tempFolder(), "merged.db")}`);
  const merged = await mergeShards(
    target,
    shards.map(({ runId }) => ({ store, runId })),
  );
  const names: unknown[] = [];
  for await (const { traceId, inputs } of target.results.listResults(merged)) {
    const trace = await target.traces.getTrace(traceId ?? "");
    expect(trace?.info.runId).toBe(merged);
    names.push([inputs.i, trace?.spans.map(({ name, outputs }) => [name, outputs])]);
  }
  expect(names).toEqual([0, 1, 2, 3].map((i) => [i, [["traced", `answer ${i}`]]]));
  const calls: unknown[] = [];
  for await (const one of target.results.listCalls(merged)) calls.push(one);
  expect(calls).toEqual([{ ...call, scorer: "asked" }]);
  expect((await target.results.countScores(merged, "asked")).scored).toBe(4);
});

test("shards that become one run keep the parts of their verdicts", async () => {
  const options = {
    data: numbered(4),
    model: ({ i }: { readonly [name: string]: unknown }) => Number(i),
    extraMetrics: [votes],
  };
  const { store, merged } = await mergedOf(options, ["1/2", "2/2"]);
  const rows: ResultRow[] = [];
  for await (const row of store.results.listResults(merged, { parts: true })) rows.push(row);
  expect(rows.map(({ parts }) => parts)).toEqual(
    [0, 1, 2, 3].map((i) => ({
      votes: [
        { kind: "scored", value: i + 1, part: "first", rationale: "high" },
        { kind: "unscored", reason: "refused", detail: "no", part: "second" },
      ],
    })),
  );
});
