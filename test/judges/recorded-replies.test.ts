import { describe, expect, test } from "vitest";
import { parseVerdict } from "../../src/judges/parse-verdict.ts";
import { labelShape, scaleShape } from "../../src/judges/verdict-shape.ts";
import {
  hasRecordedData,
  readShared,
  readSharedLines,
  recordedDataTitle,
} from "../support/shared.ts";

interface LlmbarRecord {
  readonly results: readonly {
    readonly [order: string]: { completion: [string, string]; winner: string };
  }[];
}

interface RagasRecord {
  readonly prompts: {
    readonly [name: string]: { readonly prompt_output: { reason: string; verdict: number } };
  };
}

const value = (reply: string, shape: Parameters<typeof parseVerdict>[1]) => {
  const verdict = parseVerdict(reply, shape);
  return verdict.ok ? verdict.value : undefined;
};

describe.skipIf(!hasRecordedData)(recordedDataTitle("real judges' replies"), () => {
  test.each(["ChatGPT_Vanilla", "ChatGPT_CoT", "GPT-4_Vanilla", "GPT-4_CoT"])(
    "LLMBar, %s: the winner that the recorders read, or none, never the other",
    (judge) => {
      const records = readSharedLines<LlmbarRecord>(`data/llmbar-natural/judge_${judge}.jsonl.gz`);
      const shape = labelShape(["Output (a)", "Output (b)"]);
      let read = 0;
      let total = 0;
      for (const orders of records.flatMap(({ results }) => results)) {
        for (const [order, { completion, winner }] of Object.entries(orders)) {
          if (winner !== "1" && winner !== "2") continue;
          total++;
          const verdict = value(completion[0], shape);
          if (verdict === undefined) continue;
          read++;
          const first = (winner === "1") === (order === "swap = False");
          expect({ reply: completion[0], verdict }).toEqual({
            reply: completion[0],
            verdict: first ? "Output (a)" : "Output (b)",
          });
        }
      }
      expect(total).toBeGreaterThan(150);
      expect(read).toBe(total);
    },
  );

  test("Vicuna: two scores are no score of one text, unless the prose then labels one", () => {
    const path =
      "data/vicuna-blog/review__vicuna-13b_20230322-clean-lang__review_gpt35_vicuna-13b.jsonl.gz";
    const reviews = readSharedLines<{ text: string }>(path);
    expect(reviews.length).toBe(80);
    const scale = scaleShape([1, 10], false);
    const read = reviews.filter(({ text }) => value(text, scale) !== undefined);
    expect(read.filter(({ text }) => !/\bscore of \d/.test(text))).toEqual([]);
  });

  test("Vicuna: the first score alone on its line is read, fractions included", () => {
    const path =
      "data/vicuna-blog/review__vicuna-13b_20230322-clean-lang__review_gpt35_vicuna-13b.jsonl.gz";
    const reviews = readSharedLines<{ text: string; score: [number, number] }>(path);
    const scale = scaleShape([1, 10], false);
    const single = reviews.filter(
      ({ text }) => /^\d+(\.\d+)? \d+(\.\d+)?\n/.test(text) && !/\bscore of\b/.test(text),
    );
    expect(single.length).toBeGreaterThan(50);
    for (const { text, score } of single) {
      expect(value(text.replace(/^(\S+) \S+/, "$1"), scale)).toBe(score[0]);
    }
  });

  test("ragas: every JSON verdict is read, with its reason", () => {
    const files = ["annotated_data", "edited_chain_runs", "sample_annotated_summary"];
    const outputs = files
      .flatMap((file) => Object.values(JSON.parse(readShared(`data/ragas-annotated/${file}.json`))))
      .flatMap((records) => records as RagasRecord[])
      .flatMap(({ prompts }) => Object.values(prompts).map(({ prompt_output }) => prompt_output));
    expect(outputs.length).toBe(58);
    const shape = labelShape({ pass: 1, fail: 0 });
    for (const output of outputs) {
      expect(parseVerdict(JSON.stringify(output), shape)).toEqual({
        ok: true,
        value: output.verdict,
        rationale: output.reason.trim(),
      });
    }
  });

  test("AlpacaEval: a ranking of two models in Python's notation is no score", () => {
    const replies = readSharedLines<{ raw_completion: string }>(
      "data/alpaca-eval/ae1_gpt4_mistral-medium.jsonl.gz",
    ).filter(({ raw_completion }) => typeof raw_completion === "string");
    expect(replies.length).toBeGreaterThan(700);
    const scale = scaleShape([1, 5], true);
    expect(
      replies.filter(({ raw_completion }) => value(raw_completion, scale) !== undefined),
    ).toEqual([]);
  });

  test("PandaLM: garbage is no verdict, the rest is", () => {
    const records = JSON.parse(readShared("data/pandalm/gpt-3.5-turbo-testset-v1.json.gz")) as {
      gpt_result: string | number;
    }[];
    const shape = labelShape(["1", "2", "Tie"]);
    const unread = records.filter(
      ({ gpt_result }) => value(String(gpt_result), shape) === undefined,
    );
    expect(records.length).toBe(999);
    expect(unread.map(({ gpt_result }) => gpt_result)).toEqual(Array(25).fill("garbage"));
  });
});
