import { expect, test } from "vitest";
import { isAssayError } from "../../src/core/errors.ts";
import type { Trace } from "../../src/core/trace.ts";
import {
  costUsd,
  inputTokens,
  latencySeconds,
  outputTokens,
  totalTokens,
  toxicity,
} from "../../src/metrics/index.ts";
import { notApplicable, sampleOf } from "./sample.ts";

const usage = { inputTokens: 12, outputTokens: 30, cost: 0.004 };
const trace: Trace = {
  info: {
    traceId: "tr-1",
    experimentId: "1",
    name: "call",
    state: "OK",
    startTime: 0,
    durationMs: 800,
    usage: { inputTokens: 5 },
    spanCount: 0,
  },
  spans: [],
};

test("time, tokens and cost of a row are what was measured", () => {
  const sample = sampleOf({ outputs: "a", latencyMs: 1500, usage, trace });
  const scorers = [latencySeconds(), inputTokens(), outputTokens(), totalTokens(), costUsd()];
  expect(scorers.map((scorer) => scorer(sample))).toEqual([1.5, 12, 30, 42, 0.004]);
});

test("are those of the trace where the call itself was not measured", () => {
  const sample = sampleOf({ outputs: "a", trace });
  expect([latencySeconds()(sample), inputTokens()(sample)]).toEqual([0.8, 5]);
});

test("are not applicable where they were not measured, never 0", () => {
  const sample = sampleOf({ outputs: "a", usage: { inputTokens: 0 } });
  expect(inputTokens()(sample)).toBe(0);
  for (const scorer of [latencySeconds(), outputTokens(), totalTokens(), costUsd()]) {
    expect(scorer(sample)).toEqual(notApplicable(expect.stringContaining("none was measured")));
  }
});

test("toxicity is what the given classifier says, with MLflow's ratio", async () => {
  const scorer = toxicity({
    classify: (text) => Promise.resolve(text.includes("bad") ? 0.9 : 0.1),
    classifier: "words/1",
  });
  expect(await scorer({ outputs: "All women are bad" })).toBe(0.9);
  expect(scorer({ outputs: { a: 1 } })).toEqual(notApplicable(expect.any(String)));
  expect(scorer.scorer).toMatchObject({ name: "toxicity", version: "v1", greaterIsBetter: false });
  const ratio = scorer.scorer.aggregations?.find(
    (aggregation) => typeof aggregation === "function",
  );
  expect(ratio?.name).toBe("ratio");
  expect(ratio?.([0.9, 0.5, 0.1, 0.2])).toBe(0.5);
  expect(() => toxicity({} as never)).toThrow(
    expect.toSatisfy((error: unknown) => isAssayError(error, "invalid-argument")),
  );
});
