import type { Metric } from "../../core/index.ts";
import { newRun, type OpenStore, rejection, storeTests, type TestRunner } from "./kit.ts";

const at = (step: number, timestamp = step): Metric => ({
  key: "loss",
  value: 1 / (step + 1),
  timestamp,
  step,
});

/** What a chart gets of a long history. */
export function metricSamplesSuite(runner: TestRunner, open: OpenStore): void {
  const { describe, expect } = runner;
  const test = storeTests(runner, open);

  describe("samples of a metric", () => {
    test("have the first and the last point and are spread evenly between", async (store) => {
      const runId = await newRun(store);
      for (let from = 0; from < 5_000; from += 1_000) {
        const metrics = Array.from({ length: 1_000 }, (_, offset) => at(from + offset));
        await store.runs.logBatch(runId, { metrics });
      }
      const sample = await store.runs.sampleMetric({ runId, key: "loss", maxPoints: 11 });
      const steps = sample.map(({ step }) => step);
      expect(steps).toEqual([0, 500, 1000, 1500, 2000, 2500, 2999, 3499, 3999, 4499, 4999]);
      expect(sample[1]).toEqual(at(500));
      const part = { runId, key: "loss", startStep: 100, endStep: 103, maxPoints: 100 };
      const few = await store.runs.sampleMetric(part);
      expect(few.map(({ step }) => step)).toEqual([100, 101, 102, 103]);
      const one = { runId, key: "loss", startStep: 5, endStep: 5, maxPoints: 10 };
      expect(await store.runs.sampleMetric(one)).toEqual([at(5)]);
    });

    test("keep to their steps where they are taken over time", async (store) => {
      const runId = await newRun(store);
      const metrics = Array.from({ length: 900 }, (_, time) => at(time % 3, time));
      await store.runs.logBatch(runId, { metrics });
      const inSteps = async (startStep: number, endStep: number) => {
        const query = { runId, key: "loss", startStep, endStep, maxPoints: 4 };
        return store.runs.sampleMetric(query);
      };
      expect(await inSteps(1, 1)).toEqual([1, 301, 601, 898].map((time) => at(1, time)));
      const two = await inSteps(1, 2);
      expect(two.map(({ timestamp }) => timestamp)).toEqual([1, 301, 601, 899]);
      expect(two.map(({ step }) => step)).toEqual([1, 1, 1, 2]);
    });

    test("are all that there are where these are few, several at one step included", async (store) => {
      const runId = await newRun(store);
      const metrics = [at(0, 1), at(0, 2), at(1, 3), at(1, 4)];
      await store.runs.logBatch(runId, { metrics });
      expect(await store.runs.sampleMetric({ runId, key: "loss", maxPoints: 4 })).toEqual(metrics);
    });

    test("are taken over time when all points have one step", async (store) => {
      const runId = await newRun(store);
      const metrics = Array.from({ length: 900 }, (_, time) => at(0, time));
      await store.runs.logBatch(runId, { metrics });
      const sample = await store.runs.sampleMetric({ runId, key: "loss", maxPoints: 4 });
      expect(sample.map(({ timestamp }) => timestamp)).toEqual([0, 300, 599, 899]);
    });

    test("are never more than asked for, and nothing where there is nothing", async (store) => {
      const runId = await newRun(store);
      const metrics = Array.from({ length: 500 }, (_, index) => at(index % 2, index));
      await store.runs.logBatch(runId, { metrics });
      const query = { runId, key: "loss", maxPoints: 10 };
      expect((await store.runs.sampleMetric(query)).length).toBe(10);
      expect(await store.runs.sampleMetric({ ...query, key: "other" })).toEqual([]);
      expect(await store.runs.sampleMetric({ ...query, runId: "nobody" })).toEqual([]);
      expect(await store.runs.sampleMetric({ ...query, startStep: 5 })).toEqual([]);
      for (const wrong of [{ maxPoints: 1 }, { startStep: 0.5 }, { endStep: Number.NaN }]) {
        const refused = await rejection(store.runs.sampleMetric({ ...query, ...wrong }));
        expect(refused.code).toBe("invalid-argument");
      }
    });
  });
}
