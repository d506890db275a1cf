import { describe, expect, test } from "vitest";
import { defineScorer, type Score, type ScorerInput } from "../../src/core/index.ts";
import { toScores } from "../../src/evaluate/to-scores.ts";
import { expectWhole, numbered, rowsOf, useTempStore } from "./temp-store.ts";

const at = useTempStore();

const scored = (value: number | boolean | string, more: object = {}) => ({
  kind: "scored",
  value,
  ...more,
});
const failed = (detail: string) => ({ kind: "unscored", reason: "scorer-failed", detail });
const notApplicable = (detail: string) => ({ kind: "unscored", reason: "not-applicable", detail });
const WANTED = "expected a number, boolean, string or Score, got";

describe("what a scorer returns becomes a score: ", () => {
  test.each<[unknown, object]>([
    [0, scored(0)],
    [false, scored(false)],
    ["", scored("")],
    [scored(3, { rationale: "Good." }), scored(3, { rationale: "Good." })],
    [{ name: "x", score: 0 }, scored(0)],
    [
      { name: "x", score: 0.5, metadata: { rationale: "Half." } },
      scored(0.5, { rationale: "Half." }),
    ],
    [{ name: "x", score: true, metadata: null }, scored(true)],
    [{ name: "x", score: null }, notApplicable("no score was given")],
    [{ name: "x", score: undefined }, notApplicable("no score was given")],
    [{ name: "x", score: null, error: "judge down" }, failed("judge down")],
    [undefined, failed("the scorer returned nothing; return null where it does not apply")],
    [null, notApplicable("the scorer returned null")],
    [[], notApplicable("the scorer returned no scores")],
    [
      { kind: "unscored", reason: "refused", detail: "no" },
      { kind: "unscored", reason: "refused", detail: "no" },
    ],
    [Number.NaN, failed("the scorer returned NaN")],
    [Number.POSITIVE_INFINITY, failed("the scorer returned Infinity")],
    [scored(Number.NaN), failed("the scorer returned NaN")],
    [{ name: "x", score: Number.NaN }, failed("the scorer returned NaN")],
    [{}, failed(`${WANTED} an object`)],
    [{ name: "x", score: 0, error: "judge down" }, failed("judge down")],
    [{ value: 3, rationale: "Good.", name: "quality" }, scored(3, { rationale: "Good." })],
    [{ value: null, rationale: "No idea." }, notApplicable("no value was given")],
    [{ value: null, error: new Error("down") }, failed("Error: down")],
    [{ name: "x", score: "high" }, failed(`${WANTED} a text as score`)],
    [new Map(), failed(`${WANTED} object`)],
    [3n, failed(`${WANTED} bigint`)],
    [() => 1, failed(`${WANTED} function`)],
    [{ kind: "scored" }, failed(`${WANTED} undefined`)],
    [{ kind: "scored", value: { a: 1 } }, failed(`${WANTED} object`)],
    [{ kind: "scored", value: 1, rationale: { a: 1 }, part: 3 }, scored(1)],
    [{ kind: "unscored" }, failed("the scorer gave no reason")],
    [{ kind: "unscored", reason: "odd", detail: 3 }, failed("the scorer gave no reason")],
  ])("%o", (output, score) => {
    expect(toScores(output, {})).toEqual([score]);
  });

  test.each([5.1, 0.9, true, "yes", "no", false])("%j is outside the scale 2 to 5", (value) => {
    expect(toScores(value, { scale: [2, 5] })).toEqual([
      failed(`${value} is outside the scale 2 to 5`),
    ]);
  });

  test("the ends of the scale are on it, and words have no place on it", () => {
    for (const value of [2, 5, "formal"]) {
      expect(toScores(value, { scale: [2, 5] })).toEqual([scored(value)]);
    }
  });
});

describe("several scores: ", () => {
  const part = (name: string, value: number | boolean | string) => scored(value, { part: name });
  test("the first is the verdict where it speaks of no part", () => {
    const scores = [scored(0.5), part("a", 1), part("b", 0)];
    expect(toScores(scores, {})).toEqual(scores);
  });

  test("parts beside the row's own verdict may be shares, below its scale; the verdict may not", () => {
    const scores = [scored(4), part("mass", 0.93), part("flip_rate", 0)];
    expect(toScores(scores, { scale: [1, 5] })).toEqual(scores);
    const off = toScores([scored(6), part("mass", 0.93)], { scale: [1, 5] });
    expect(off).toEqual([
      expect.objectContaining({ kind: "unscored", reason: "scorer-failed" }),
      part("mass", 0.93),
    ]);
  });

  test("parts alone get their mean as the verdict", () => {
    const parts = [part("a", true), part("b", 0), part("c", "yes"), part("d", 0.4)];
    expect(toScores(parts, {})).toEqual([scored(0.6), ...parts]);
  });

  test("a part that is not applicable is left out of the mean", () => {
    const skipped = { ...notApplicable("no claim"), part: "b" };
    expect(toScores([part("a", 1), skipped], {})).toEqual([scored(1), part("a", 1), skipped]);
    expect(toScores([skipped], {})[0]).toMatchObject({ reason: "not-applicable" });
  });

  test("a part that failed leaves no verdict: the others alone would flatter", () => {
    const broken = { kind: "unscored", reason: "judge-unparseable", detail: "no JSON", part: "b" };
    const verdict = {
      kind: "unscored",
      reason: "judge-unparseable",
      detail: "1 of 2 parts were scored; b: no JSON",
    };
    expect(toScores([part("a", 1), broken], {})).toEqual([verdict, part("a", 1), broken]);
    const off = toScores([part("a", 1), part("b", 9)], { scale: [0, 1] });
    expect(off[0]).toMatchObject({ kind: "unscored", reason: "scorer-failed" });
  });

  test("a part that is null does not apply, and leaves the mean to the others", () => {
    expect(toScores([1, null], {})[0]).toEqual(scored(1));
  });

  test("parts that are words have no mean", () => {
    expect(toScores([part("a", "formal"), part("b", 1)], {})[0]).toMatchObject({
      reason: "not-applicable",
    });
  });
});

describe("in an evaluation", () => {
  const cases: { readonly [name: string]: () => unknown } = {
    throws: () => {
      throw new Error("bug");
    },
    rejects: async () => Promise.reject(new TypeError("async bug")),
    nan: () => Number.NaN,
    object: () => ({ a: 1 }),
    malformed: () => ({ kind: "scored", value: null, rationale: 3 }),
    nothing: () => undefined,
    none: () => ({ name: "none", score: null }),
    half: async () => ({ name: "half", score: 0.5, metadata: { rationale: "So so." } }),
    // A flag is 0 or 1, which this scale does not reach.
    off: () => true,
  };

  test("a verdict that is none is never 0 and never dropped, whatever the scorer did", async () => {
    const scorers = Object.entries(cases).map(([name, score]) =>
      defineScorer(
        { name, ...(name === "off" && { scale: [2, 5] as const }) },
        score as () => number,
      ),
    );
    const result = await at.evaluate({ data: numbered(3), model: () => "x", scorers });
    const counts = Object.fromEntries(
      Object.entries(result.summaries).map(([name, summary]) => {
        expectWhole(summary);
        const { scored, failed, notApplicable } = summary;
        return [name, [scored, failed, notApplicable]];
      }),
    );
    expect(counts).toEqual({
      throws: [0, 3, 0],
      rejects: [0, 3, 0],
      nan: [0, 3, 0],
      object: [0, 3, 0],
      malformed: [0, 3, 0],
      nothing: [0, 3, 0],
      none: [0, 0, 3],
      half: [3, 0, 0],
      off: [0, 3, 0],
    });
    expect(Object.keys(result.metrics)).toEqual(["half/mean", "latency/mean", "latency/p90"]);
    const [row] = await rowsOf(result);
    expect(row?.scores).toMatchObject({
      throws: { kind: "unscored", reason: "scorer-failed", detail: "Error: bug" },
      rejects: { kind: "unscored", reason: "scorer-failed", detail: "TypeError: async bug" },
      half: { kind: "scored", value: 0.5, rationale: "So so." },
    });
    expect(result.status).toBe("incomplete");
  });

  test("a scorer sees everything there is to see, also under autoevals' names", async () => {
    const seen: ScorerInput[] = [];
    function spy(sample: ScorerInput) {
      seen.push(sample);
      return 1;
    }
    await at.evaluate({
      data: [
        { inputs: { question: "q", hint: "h" }, answer: "e", context: [{ id: 3, text: "c" }] },
        { inputs: { text: "t" }, answer: "", context: { odd: true } },
        { inputs: 5, answer: false, context: "plain" },
      ],
      model: () => "o",
      targets: "answer",
      scorers: [spy],
      concurrency: 1,
    });
    expect(seen).toMatchObject([
      {
        inputs: { question: "q", hint: "h" },
        outputs: "o",
        expectations: { expected_response: "e" },
        context: [{ id: 3, text: "c" }],
        input: "q",
        output: "o",
        expected: "e",
        trial: 0,
        row: { ordinal: 0 },
        trace: { spans: [{ name: "rows" }] },
      },
      { input: "t", expected: "", context: { odd: true } },
      { input: 5, expected: false, context: "plain" },
    ]);
  });

  test("several scores are stored with the verdict in front", async () => {
    const parts: Score[] = [
      { kind: "scored", value: 1, part: "a" },
      { kind: "scored", value: 0, part: "b" },
    ];
    const result = await at.evaluate({
      data: numbered(1),
      model: () => "",
      scorers: [defineScorer({ name: "claims" }, () => parts)],
    });
    expect(result.summaries.claims).toMatchObject({ n: 1, scored: 1, mean: 0.5 });
    expect((await rowsOf(result))[0]?.scores.claims).toEqual({ kind: "scored", value: 0.5 });
  });
});
