import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { makeJudge } from "../../src/judges/index.ts";
import { pairwiseJudge } from "../../src/judges/make-pairwise-judge.ts";
import type { ProviderChoice } from "../../src/testing/index.ts";
import { sampleOf } from "../support/sample.ts";
import {
  hasRecordedData,
  readShared,
  readSharedLines,
  recordedDataTitle,
} from "../support/shared.ts";
import { cohensKappa, itemIn, judgeAll, numberOf, replaying } from "./recorded-data.ts";

interface WeightedRecord {
  readonly instruction: string;
  /** 1 + the probability that the second output, the model's, is preferred. */
  readonly preference: number;
  /** Absent where both outputs are the same and nothing was asked. */
  readonly raw_completion: (ProviderChoice & { readonly logprobs: Logprobs }) | null;
}

interface Logprobs {
  readonly content: readonly {
    readonly top_logprobs: readonly { readonly token: string; readonly logprob: number }[];
  }[];
}

/**
 * Which of the two the judge saw as `m` was drawn by the recorders and is not recorded; the preference that
 * they computed tells it.
 */
function isCalledSmallM({ raw_completion, preference }: WeightedRecord): boolean {
  const top = raw_completion?.logprobs.content[0]?.top_logprobs ?? [];
  const p = (token: string) => Math.exp(top.find((one) => one.token === token)?.logprob ?? -99);
  const share = p("m") / (p("m") + p("M"));
  return Math.abs(share - (preference - 1)) < Math.abs(1 - share - (preference - 1));
}

describe.skipIf(!hasRecordedData)(recordedDataTitle("AlpacaEval 2, replayed over HTTP"), () => {
  // Win rate ± standard error in percent, as the data's index has them.
  test.each([
    ["alpaca-7b", 2.591451, 0.487086],
    ["vicuna-13b", 5.831103, 0.742283],
  ])(
    "%s wins %f ± %f in a hundred by the log probabilities of GPT-4-turbo",
    async (name, rate, error) => {
      const records = readSharedLines<WeightedRecord>(
        `data/alpaca-eval/weighted_gpt4turbo_${name}.jsonl.gz`,
      );
      const { server, model } = await replaying({
        recordings: records.flatMap(({ raw_completion: reply }, item) =>
          reply === null ? [] : [{ item, reply }],
        ),
        identify: ({ text }) => ({ item: itemIn(text) ?? -1 }),
      });
      const judgeOf = (order: "given" | "swapped") =>
        pairwiseJudge(
          {
            name: "alpaca_eval",
            instructions: "Which output is better?\n{{ inputs }}\n{{ first }}\n{{ second }}",
            labels: ["m", "M"],
            scoring: "logprobs",
            model,
          },
          [order],
        );
      const [given, swapped] = [judgeOf("given"), judgeOf("swapped")];
      const scores = await judgeAll(records, (record, index) => {
        const sample = sampleOf({
          inputs: { question: `item-${index}- ${record.instruction}` },
          outputs: "the model's output",
          columns: {
            baseline_outputs: record.raw_completion === null ? "the model's output" : "another",
          },
        });
        return (isCalledSmallM(record) ? given : swapped)(sample);
      });
      const wins = scores.map(([score]) => numberOf(score) ?? Number.NaN);
      const n = wins.length;
      const mean = wins.reduce((sum, win) => sum + win, 0) / n;
      const variance = wins.reduce((sum, win) => sum + (win - mean) ** 2, 0) / (n - 1);
      expect(n).toBe(805);
      expect(mean * 100).toBeCloseTo(rate, 6);
      expect(Math.sqrt(variance / n) * 100).toBeCloseTo(error, 6);
      // One call each, but for pairs that are the same.
      expect(server.requests.length).toBe(records.filter((one) => one.raw_completion).length);
      expect(server.requests[0]?.body).toMatchObject({ logprobs: true, top_logprobs: 20 });
    },
  );
});

/** Tab-separated with Excel's quotes; or with quotes taken as they stand. */
function readTsv(name: string, quote: '"' | false): { [column: string]: string }[] {
  const text = readShared(`data/openqa-nq301/${name}`);
  return parse(text, { columns: true, delimiter: "\t", quote, relax_quotes: true });
}

describe.skipIf(!hasRecordedData)(recordedDataTitle("NQ301, replayed over HTTP"), () => {
  test("GPT-4's sentences are read as the recorders read them, and agree with people as they found", async () => {
    const replies = readTsv("NQ301_gpt-4.tsv", '"');
    const { server, model } = await replaying({
      recordings: replies.map((reply, item) => ({ item, reply: reply["gpt-4"] ?? "" })),
      identify: ({ text }) => ({ item: itemIn(text) ?? -1 }),
    });
    const judge = makeJudge({
      name: "correct",
      instructions: "Is the candidate correct?\n{{ inputs }}\n{{ outputs }}",
      verdicts: { Yes: 1, No: 0 },
      model,
    });
    const scores = await judgeAll(replies, (reply, index) =>
      judge(
        sampleOf({
          inputs: { question: `item-${index}- ${reply.Question}` },
          outputs: reply["Model answer"] ?? "",
        }),
      ),
    );
    const verdicts = scores.map(([score]) => {
      const value = numberOf(score);
      return value === undefined ? undefined : value === 1 ? "Yes" : "No";
    });
    // 1480 begin with yes or no. The other ten call the candidate partially correct, or decline; they are
    // asked once more, and then have no verdict.
    expect(verdicts.filter((verdict) => verdict !== undefined).length).toBe(1480);
    expect(server.requests.length).toBe(1490 + 10);
    const differing = replies.filter(
      (reply, index) => verdicts[index] !== undefined && verdicts[index] !== reply["Acceptable?"],
    );
    expect(differing.map((reply) => reply["gpt-4"]?.slice(0, 3))).toEqual(["No,"]);

    const people = readTsv("NQ301_human.tsv", '"').map((row) => row["Acceptable?"]);
    const pairs = verdicts.flatMap((verdict, index) =>
      verdict === undefined ? [] : [[verdict, people[index]] as const],
    );
    const ours = cohensKappa(pairs);
    expect([ours.agreement.toFixed(4), ours.kappa.toFixed(4)]).toEqual(["0.8486", "0.6964"]);
  });

  test("the published numbers are those of the recorders' own column, joined by answers with their quotes", () => {
    // Ten answers are quoted in one file and not in the other, or differ; 1480 have both.
    const key = (row: { [column: string]: string }) => `${row.id}\n${row["Model answer"]}`;
    const people = new Map(readTsv("NQ301_human.tsv", false).map((row) => [key(row), row]));
    const pairs = readTsv("NQ301_gpt-4.tsv", false).flatMap((row) => {
      const both = [row["Acceptable?"], people.get(key(row))?.["Acceptable?"]] as const;
      return both.every((label) => label !== undefined && label !== "") ? [both] : [];
    });
    const { agreement, kappa } = cohensKappa(pairs);
    expect([pairs.length, agreement.toFixed(4), kappa.toFixed(4)]).toEqual([
      1480,
      "0.8473",
      "0.6935",
    ]);
  });

  test("two people agree with κ .7347", () => {
    const pairs = readTsv("NQ301_human.tsv", '"').flatMap(({ annotator1: a, annotator2: b }) =>
      a && b ? [[a, b] as const] : [],
    );
    expect(cohensKappa(pairs).kappa).toBeCloseTo(0.7347, 4);
  });
});
