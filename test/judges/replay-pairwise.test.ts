import { describe, expect, test } from "vitest";
import { parseBlocks, type Score } from "../../src/core/index.ts";
import { makePairwiseJudge } from "../../src/judges/index.ts";
import { pairwiseJudge } from "../../src/judges/make-pairwise-judge.ts";
import type { ProviderRequest } from "../../src/testing/index.ts";
import { sampleOf } from "../support/sample.ts";
import {
  hasRecordedData,
  readShared,
  readSharedLines,
  recordedDataTitle,
} from "../support/shared.ts";
import { cohensKappa, itemIn, judgeAll, numberOf, replaying } from "./recorded-data.ts";

const INSTRUCTIONS =
  "Which output follows the instruction better?\n{{ inputs }}\n{{ first }}\n{{ second }}";

interface Pair {
  readonly question: string;
  readonly answer: string;
  readonly other: string;
}

/** A row of a comparison; its number stands in the question, so that a request tells which one it is for. */
const rowOf = ({ question, answer, other }: Pair, index: number) =>
  sampleOf({
    inputs: { question: `item-${index}- ${question}` },
    outputs: answer,
    columns: { baseline_outputs: other },
  });

const identify = (pairs: readonly Pair[]) => (request: ProviderRequest) => {
  const item = itemIn(request.text);
  const first = parseBlocks(request.text).find(({ name }) => name === "first")?.text;
  if (item === undefined) return undefined;
  return { item, order: first === pairs[item]?.answer ? 0 : 1 };
};

const part = (scores: readonly Score[] | undefined, name: string) =>
  numberOf(scores?.find((score) => score.part === name));

interface LlmbarItem {
  readonly input: string;
  readonly output_1: string;
  readonly output_2: string;
  readonly label: number;
}

type Order = "swap = False" | "swap = True";

interface LlmbarRecord {
  readonly results: readonly {
    readonly [order in Order]: { readonly completion: [string, string]; readonly winner: string };
  }[];
}

describe.skipIf(!hasRecordedData)(recordedDataTitle("LLMBar Natural, replayed over HTTP"), () => {
  // Counted from the recorders' own `winner`: `swap = False`, `swap = True`, equal in both. GPT-4 Vanilla's
  // mean accuracy is the published 95.5 %. One of ChatGPT's replies names no winner.
  test.each([
    ["openai", "GPT-4_Vanilla", 95, 96, 95],
    ["anthropic", "GPT-4_Vanilla", 95, 96, 95],
    ["openai", "GPT-4_CoT", 94, 95, 91],
    ["openai", "ChatGPT_Vanilla", 80, 83, 71],
    ["openai", "ChatGPT_CoT", 70, 78, 64],
  ] as const)(
    "%s, %s: right %i and %i times of 100 by order, %i times the same",
    async (provider, recording, given, swapped, same) => {
      const items = readSharedLines<LlmbarItem>("data/llmbar-natural/items.jsonl.gz");
      const records = readSharedLines<LlmbarRecord>(
        `data/llmbar-natural/judge_${recording}.jsonl.gz`,
      );
      const pairs = items.map(({ input, output_1, output_2 }) => ({
        question: input,
        answer: output_1,
        other: output_2,
      }));
      const recordings = records.flatMap(({ results: [result] }, item) => [
        { item, order: 0, reply: result?.["swap = False"].completion[0] ?? "" },
        { item, order: 1, reply: result?.["swap = True"].completion[0] ?? "" },
      ]);
      const { model, server } = await replaying(
        { recordings, identify: identify(pairs) },
        provider,
      );
      const judge = makePairwiseJudge({
        name: "llmbar",
        instructions: INSTRUCTIONS,
        labels: ["Output (a)", "Output (b)"],
        model,
      });
      const scores = await judgeAll(pairs, (pair, index) => judge(rowOf(pair, index)));
      const right = (order: string) =>
        scores.filter((all, index) => part(all, order) === Number(items[index]?.label === 1))
          .length;
      const consistent = scores.filter((all) => part(all, "flip_rate") === 0).length;
      expect([right("order 1"), right("order 2"), consistent]).toEqual([given, swapped, same]);
      expect(server.unmatched).toEqual([]);
      const unread = scores.filter(([score]) => score?.kind === "unscored").length;
      expect(unread).toBe(recording === "ChatGPT_CoT" ? 1 : 0);
      // Two orders, and a repair for the reply without a winner.
      expect(server.requests.length).toBe(200 + unread);
    },
  );
});

describe.skipIf(!hasRecordedData)(recordedDataTitle("Vicuna's reviews, replayed over HTTP"), () => {
  const folder = "data/vicuna-blog";
  // The totals of the blog's table (lmsys.org/blog/2023-03-30-vicuna): ChatGPT 693 : 638, Bard 664 : 655.5,
  // of which one review of Bard's says 4 where the table took 2.
  test.each([
    ["gpt35", 693, 638],
    ["bard", 664, 655.5 + 2],
  ])(
    "%s against vicuna-13b: two scores per review, %f : %f in total",
    async (model, total, vicuna) => {
      const reviews = readSharedLines<{ text: string }>(
        `${folder}/review__vicuna-13b_20230322-clean-lang__review_${model}_vicuna-13b.jsonl.gz`,
      );
      const answers = (name: string) =>
        readSharedLines<{ text: string }>(`${folder}/answer__answer_${name}.jsonl.gz`);
      const [one, two] = [answers(model), answers("vicuna-13b")];
      const questions = readSharedLines<{ text: string }>(`${folder}/question.jsonl.gz`);
      const pairs = questions.map(({ text }, index) => ({
        question: text,
        answer: one[index]?.text ?? "",
        other: two[index]?.text ?? "",
      }));
      const { model: chat } = await replaying({
        recordings: reviews.map(({ text }, item) => ({ item, reply: text })),
        identify: identify(pairs),
      });
      const judge = pairwiseJudge(
        { name: "vicuna", instructions: INSTRUCTIONS, scale: [1, 10], model: chat },
        ["given"],
      );
      const scores = await judgeAll(pairs, (pair, index) => judge(rowOf(pair, index)));
      const sum = (name: string) => scores.reduce((all, one) => all + (part(one, name) ?? 0), 0);
      expect(scores.length).toBe(80);
      expect([sum("order 1 score"), sum("order 1 other score")]).toEqual([total, vicuna]);
    },
  );
});

interface PandaItem {
  readonly instruction: string;
  readonly input: string;
  readonly response1: string;
  readonly response2: string;
  readonly annotator1: number;
  readonly annotator2: number;
  readonly annotator3: number;
}

describe.skipIf(!hasRecordedData)(recordedDataTitle("PandaLM, replayed over HTTP"), () => {
  const items = hasRecordedData
    ? (JSON.parse(readShared("data/pandalm/testset-v1.json.gz")) as PandaItem[])
    : [];

  test("the annotators' κ are the published ones: .852, .879, .862", () => {
    const kappa = (a: keyof PandaItem, b: keyof PandaItem) =>
      cohensKappa(items.map((item) => [item[a], item[b]])).kappa;
    expect(kappa("annotator1", "annotator2")).toBeCloseTo(0.852, 3);
    expect(kappa("annotator1", "annotator3")).toBeCloseTo(0.879, 3);
    expect(kappa("annotator2", "annotator3")).toBeCloseTo(0.862, 3);
  });

  test("gpt-3.5 agrees with the majority in 71.07 % where garbage, which has no verdict, counts as a tie", async () => {
    const replies = JSON.parse(readShared("data/pandalm/gpt-3.5-turbo-testset-v1.json.gz")) as {
      gpt_result: string | number;
    }[];
    // Both answers are the same in some items, which a judge is not asked about.
    const pairs = items.map(({ instruction, input, response1, response2 }) => ({
      question: `${instruction}\n${input}`,
      answer: `1: ${response1}`,
      other: `2: ${response2}`,
    }));
    const { model: chat } = await replaying({
      recordings: replies.map(({ gpt_result: reply }, item) => ({ item, reply: String(reply) })),
      identify: identify(pairs),
    });
    const judge = pairwiseJudge(
      { name: "panda", instructions: INSTRUCTIONS, labels: ["1", "2", "Tie"], model: chat },
      ["given"],
    );
    const scores = await judgeAll(pairs, (pair, index) => judge(rowOf(pair, index)));
    const unread = scores.filter(([score]) => score?.kind === "unscored");
    expect(unread.map(([score]) => score?.kind === "unscored" && score.reason)).toEqual(
      Array(25).fill("judge-unparseable"),
    );
    const worth = new Map([
      [1, 1],
      [0, 0.5],
      [2, 0],
    ]);
    const majority = items.map(({ annotator1: a, annotator2: b, annotator3: c }) =>
      a === b || a === c ? a : b === c ? b : a,
    );
    const right = scores.filter(
      ([score], index) => (numberOf(score) ?? 0.5) === worth.get(majority[index] ?? -1),
    );
    expect(((right.length / items.length) * 100).toFixed(2)).toBe("71.07");
  });
});

describe.skipIf(!hasRecordedData)(recordedDataTitle("AlpacaEval 1, replayed over HTTP"), () => {
  test("a ranking in Python's notation is a preference, the one that was recorded", async () => {
    const records = readSharedLines<{
      instruction: string;
      preference: number | null;
      raw_completion: string | null;
    }>("data/alpaca-eval/ae1_gpt4_mistral-medium.jsonl.gz").filter(
      ({ raw_completion, preference }) => raw_completion !== null && preference !== null,
    );
    expect(records.length).toBeGreaterThan(700);
    const pairs = records.map(({ instruction }) => ({
      question: instruction,
      answer: "one answer",
      other: "another answer",
    }));
    const { model: chat } = await replaying({
      recordings: records.map(({ raw_completion }, item) => ({
        item,
        reply: raw_completion ?? "",
      })),
      identify: identify(pairs),
    });
    const judge = pairwiseJudge(
      { name: "ae1", instructions: INSTRUCTIONS, labels: ["model_1", "model_2"], model: chat },
      ["given"],
    );
    const scores = await judgeAll(pairs, (pair, index) => judge(rowOf(pair, index)));
    const read = scores.map(([score]) => numberOf(score));
    expect(read.filter((value) => value === undefined)).toEqual([]);
    // Which model was called model_1 was drawn anew for each item and is not recorded; a tie is a tie.
    const ties = records.map(({ preference }) => preference === 1.5);
    expect(read.map((value) => value === 0.5)).toEqual(ties);
  });
});
