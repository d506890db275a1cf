import { describe, expect, test } from "vitest";
import { openStore } from "../../src/store/index.ts";
import { newDatabase, noPostgres } from "../support/postgres.ts";
import { lineTo } from "../support/postgres-line.ts";

describe.skipIf(noPostgres)(`PostgreSQL${noPostgres ? ` (skipped: ${noPostgres})` : ""}`, () => {
  test("writes wait for a server that comes back, and each is there once", async () => {
    const line = await lineTo(await newDatabase());
    const store = await openStore(line.uri);
    const { experimentId } = await store.experiments.createExperiment("e");
    const { runId } = await store.runs.createRun({ experimentId });
    const points = (from: number) =>
      Array.from({ length: 20 }, (_, at) =>
        store.runs.logBatch(runId, {
          metrics: [{ key: "m", value: from + at, timestamp: from + at, step: from + at }],
        }),
      );
    const first = points(0);
    line.cut(3);
    await Promise.all([...first, ...points(20)]);
    const history = await store.runs.getMetricHistory(runId, "m");
    expect(history.map(({ step }) => step)).toEqual([...Array(40).keys()]);
    await store.close();
  });

  test("a commit whose answer was lost is not repeated", async () => {
    const line = await lineTo(await newDatabase());
    const store = await openStore(line.uri);
    line.loseNextAnswerToCommit();
    // A second attempt would find the name taken.
    const made = await store.experiments.createExperiment("once");
    expect(await store.experiments.listExperiments()).toEqual([made]);
    await store.close();
  });
});
