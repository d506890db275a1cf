import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { RUN_TAGS } from "../../src/core/index.ts";
import {
  createExperiment,
  currentStore,
  deleteRun,
  deleteTag,
  endRun,
  getMetricHistory,
  lastActiveRun,
  logInput,
  logInputs,
  logMetric,
  logMetrics,
  logParam,
  logParams,
  restoreRun,
  searchExperiments,
  searchRuns,
  setTags,
  startRun,
  withRun,
} from "../../src/tracking/index.ts";
import { stored, useTempStore } from "./temp-store.ts";

useTempStore();

describe("a run", () => {
  test("has a note, and a parent other than the active run where one is named", async () => {
    const { runId: parentRunId } = await startRun({ description: "why" });
    await endRun();
    expect((await stored(parentRunId)).tags[RUN_TAGS.note]).toBe("why");
    await withRun({}, async () => {
      const child = await withRun({ parentRunId }, async ({ runId }) => stored(runId));
      expect(child.tags[RUN_TAGS.parentRunId]).toBe(parentRunId);
    });
  });

  test("is remembered as the last active one when it has ended", async () => {
    expect(await lastActiveRun()).toBeUndefined();
    const { runId } = await startRun();
    await endRun();
    expect(await lastActiveRun()).toMatchObject({ runId, status: "FINISHED" });
    const inner = await withRun({}, async (run) => {
      expect((await lastActiveRun())?.runId).toBe(run.runId);
      return run.runId;
    });
    expect((await lastActiveRun())?.runId).toBe(inner);
  });

  test("is the last active one of its own part of the program", async () => {
    await Promise.all(
      [1, 2, 3].map(() =>
        withRun({}, async () => {
          const inner = await withRun({}, ({ runId }) => runId);
          await nextTurn();
          expect((await lastActiveRun())?.runId).toBe(inner);
        }),
      ),
    );
  });

  test("is deleted and restored", async () => {
    const runId = await withRun({}, (run) => run.runId);
    await deleteRun(runId);
    expect((await stored(runId)).lifecycleStage).toBe("deleted");
    await restoreRun(runId);
    expect((await stored(runId)).lifecycleStage).toBe("active");
  });

  test("takes numbers and booleans as tags, and loses a tag that is deleted", async () => {
    const { runId } = await startRun({ tags: { retries: 3 } });
    await setTags({ isFinal: true, draft: "no" });
    await deleteTag("draft");
    expect((await stored(runId)).tags).toMatchObject({ retries: "3", isFinal: "true" });
    expect((await stored(runId)).tags).not.toHaveProperty("draft");
    await expect(deleteTag("draft")).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("a batch larger than the store takes at once", () => {
  const texts = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, at]));

  test("is written whole, in parts", async () => {
    const { runId } = await startRun();
    await logParams(texts(250));
    await setTags(texts(201));
    await logMetrics(texts(2500));
    const { params, metrics, tags } = await stored(runId);
    expect([params, metrics].map((values) => Object.keys(values).length)).toEqual([250, 2500]);
    expect([params.k249, metrics.k2499, tags.k200]).toEqual(["249", 2499, "200"]);
  });

  test("is refused for a param that changes, whichever part it is in", async () => {
    await startRun();
    await logParam("k240", "before");
    await expect(logParams(texts(250))).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("'k240' was already logged with value='before'"),
    });
  });

  test("a param that is too long is refused with its name and what to do", async () => {
    const { runId } = await startRun();
    await expect(logParam("prompt", "x".repeat(6001))).rejects.toMatchObject({
      code: "invalid-argument",
      message: expect.stringMatching(/6000 characters.*"prompt".*logText/),
    });
    expect((await stored(runId)).params).toEqual({});
  });
});

describe("inputs", () => {
  test("are noted with what they were used for", async () => {
    const { runId } = await startRun();
    const dataset = { name: "questions", digest: "1a2b" };
    await logInput(dataset, { context: "eval", tags: { split: "test" } });
    await logInputs({ datasets: [{ dataset: { ...dataset, digest: "3c", source: "q.jsonl" } }] });
    expect((await stored(runId)).inputs.datasets).toEqual([
      {
        dataset: { ...dataset, sourceType: "code", source: "{}" },
        tags: { "mlflow.data.context": "eval", split: "test" },
      },
      {
        dataset: { name: "questions", digest: "3c", sourceType: "code", source: "q.jsonl" },
        tags: {},
      },
    ]);
  });
});

describe("search", () => {
  test("finds runs of the current experiment, by filter and in order", async () => {
    for (const score of [1, 3, 2]) {
      await withRun({ name: `run ${score}` }, () => logMetric("score", score));
    }
    const { experimentId } = await createExperiment("elsewhere");
    await withRun({ experimentId, name: "other" }, () => logMetric("score", 9));
    const names = async (options: Parameters<typeof searchRuns>[0]) =>
      (await searchRuns(options)).map(({ name }) => name);
    const orderBy = ["metrics.score DESC"];
    expect(await names({ orderBy })).toEqual(["run 3", "run 2", "run 1"]);
    expect(await names({ orderBy, filterString: "metrics.score < 3" })).toEqual(["run 2", "run 1"]);
    expect(await names({ orderBy, maxResults: 1 })).toEqual(["run 3"]);
    expect(await names({ experimentIds: [experimentId] })).toEqual(["other"]);
    const experimentNames = ["elsewhere", "nobody"];
    expect(await names({ experimentNames })).toEqual(["other"]);
    expect(await names({ orderBy, searchAllExperiments: true, maxResults: 2 })).toEqual([
      "other",
      "run 3",
    ]);
    await expect(searchRuns({ filterString: "metrics.score ~ 1" })).rejects.toMatchObject({
      code: "invalid-argument",
    });
  });

  test("returns more than a page, and deleted runs when they are asked for", async () => {
    const { experimentId } = await createExperiment("many");
    const { runs } = await currentStore();
    const made = Array.from({ length: 1003 }, () => runs.createRun({ experimentId }));
    const [first] = await Promise.all(made);
    const options = { experimentIds: [experimentId] };
    const found = await searchRuns(options);
    expect(new Set(found.map(({ runId }) => runId)).size).toBe(1003);
    await deleteRun(first?.runId ?? "");
    expect((await searchRuns({ ...options, maxResults: 1002 })).length).toBe(1002);
    const deleted = await searchRuns({ ...options, runViewType: "DELETED_ONLY" });
    expect(deleted.map(({ runId }) => runId)).toEqual([first?.runId]);
  });

  test("makes no experiment", async () => {
    expect(await searchRuns()).toEqual([]);
    expect(await searchExperiments({ viewType: "ALL" })).toEqual([]);
    await createExperiment("a");
    await createExperiment("b");
    const found = await searchExperiments({ filterString: "name = 'b'" });
    expect(found.map(({ name }) => name)).toEqual(["b"]);
  });

  test("the history of a metric has every point", async () => {
    const { runId } = await startRun();
    for (const step of [0, 1]) await logMetric("m", step, { step, timestamp: step });
    expect(await getMetricHistory(runId, "m")).toEqual([
      { key: "m", value: 0, step: 0, timestamp: 0 },
      { key: "m", value: 1, step: 1, timestamp: 1 },
    ]);
  });
});
