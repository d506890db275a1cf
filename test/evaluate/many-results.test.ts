import { expect, test } from "vitest";
import { defineScorer } from "../../src/core/index.ts";
import { useTempStore } from "./temp-store.ts";

const at = useTempStore();

test("more results than a page of the store are aggregated in row order, and the event loop turns meanwhile", async () => {
  const rows = 12_000;
  const result = await at.evaluate({
    data: Array.from({ length: rows }, (_, i) => ({ i, outputs: i % 7 === 0 ? "" : i })),
    extraMetrics: [
      defineScorer(
        {
          name: "value",
          aggregations: [
            "mean",
            "min",
            "max",
            "median",
            function last(values) {
              return values.at(-1) as number;
            },
          ],
        },
        ({ outputs }) => (outputs === "" ? null : (outputs as number)),
      ),
    ],
    resultsTable: false,
  });
  const values = Array.from({ length: rows }, (_, i) => i).filter((i) => i % 7 !== 0);
  const { "value/mean": mean, ...others } = result.metrics;
  expect(mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 9);
  expect(others).toEqual({
    "value/min": 1,
    "value/max": 11_999,
    "value/median": 6000,
    "value/last": 11_999,
  });
  const store = await at.open();
  let turns = 0;
  const count = () => {
    turns += 1;
    timer = setImmediate(count);
  };
  let timer = setImmediate(count);
  const scores = await store.results.scoreValues(result.runId, "value");
  clearImmediate(timer);
  expect([...scores.values]).toEqual(values);
  expect([...scores.ordinals]).toEqual(values);
  expect(turns).toBeGreaterThan(0);
});
