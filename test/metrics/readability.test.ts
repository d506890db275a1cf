import { describe, expect, test } from "vitest";
import { ariGradeLevel, fleschKincaidGradeLevel, tokenCount } from "../../src/metrics/index.ts";
import { readParity } from "./parity.ts";
import { notApplicable, sampleOf } from "./sample.ts";

interface Row {
  readonly text: string;
  readonly token_count: number;
  readonly ari_grade_level: number;
  readonly flesch_kincaid_grade_level: number;
}

const rows = readParity<Row>("readability.jsonl");

describe("the texts of test/parity/readability.py", () => {
  test("are as many tokens as tiktoken 0.14.0 says", async () => {
    expect(rows.length).toBeGreaterThanOrEqual(60);
    const scorer = tokenCount();
    for (const { text, token_count } of rows) {
      expect(await scorer({ outputs: text }), text).toBe(token_count);
    }
  });

  test("have the ARI of textstat 0.7.11", async () => {
    const scorer = ariGradeLevel();
    for (const { text, ari_grade_level } of rows) {
      expect(await scorer({ outputs: text }), text).toBeCloseTo(ari_grade_level, 9);
    }
  });

  test("have the Flesch-Kincaid grade of textstat 0.7.11", async () => {
    const scorer = fleschKincaidGradeLevel();
    for (const { text, flesch_kincaid_grade_level } of rows) {
      expect(await scorer({ outputs: text }), text).toBeCloseTo(flesch_kincaid_grade_level, 9);
    }
  });
});

// The values of the facts' own table: textstat's test suite and its formulas worked by hand.
test.each([
  ["Cool dogs wear da sunglasses.", 4.62, 2.88],
  ["This is a sentence.", -0.59, 0.72],
  ["The quick brown fox jumps over the lazy dog. It was not amused!", 0.29769, undefined],
])("%o has ARI %d and grade %d", async (text, ari, grade) => {
  expect(await ariGradeLevel()({ outputs: text })).toBeCloseTo(ari, 4);
  if (grade !== undefined) {
    expect(await fleschKincaidGradeLevel()({ outputs: text })).toBeCloseTo(grade, 4);
  }
});

test.each([ariGradeLevel(), fleschKincaidGradeLevel(), tokenCount()])(
  "an output that is no text is not applicable",
  async (scorer) => {
    for (const outputs of [null, 7, { answer: "x" }, ["x"]]) {
      expect(await scorer(sampleOf({ outputs }))).toEqual(
        notApplicable(expect.stringContaining("the output is none")),
      );
    }
  },
);

test.each([fleschKincaidGradeLevel(), tokenCount()])(
  "a scorer with a table scores without waiting once it is prepared",
  async (scorer) => {
    expect(await scorer.scorer.prepare?.({ env: {} })).toBe(scorer);
    expect(typeof scorer({ outputs: "two words" })).toBe("number");
  },
);

test("a scorer that wraps one with a table comes back from its preparation as itself", async () => {
  const inner = tokenCount();
  const outer = Object.assign(() => 1, { scorer: inner.scorer });
  expect(await inner.scorer.prepare?.({ env: {} }, outer)).toBe(outer);
});

test("token_count gives no metric of the run, as in MLflow", () => {
  expect(tokenCount().scorer).toMatchObject({
    name: "token_count",
    version: "v1",
    aggregations: [],
  });
});

test("a word of a million letters is counted in far less than quadratic time", async () => {
  // "東京" is three tokens (tiktoken 0.14.0); merging pair by pair would take hours here.
  expect(await tokenCount()({ outputs: "東京".repeat(500_000) })).toBe(1_500_000);
});
