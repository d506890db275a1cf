import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { isAssayError, RUN_TAGS, type Run } from "../../src/core/index.ts";
import { flushTraces, startSpan, withSpan } from "../../src/tracing/index.ts";
import {
  activeRun,
  closeStores,
  currentExperiment,
  currentExperimentName,
  currentStore,
  endRun,
  getRun,
  getTrackingUri,
  logArtifact,
  logDict,
  logMetric,
  logMetrics,
  logParam,
  logParams,
  logTable,
  logText,
  setExperiment,
  setTag,
  setTrackingUri,
  startRun,
  storeAt,
  withRun,
} from "../../src/tracking/index.ts";
import { tempFolder } from "../store/temp-folder.ts";

let folder: string;

beforeEach(() => {
  folder = tempFolder();
  setTrackingUri(`sqlite:///${join(folder, "assay.db")}`);
  setExperiment("tests");
});

afterEach(async () => {
  while (activeRun() !== undefined) await endRun("KILLED");
  await closeStores();
});

async function stored(runId: string): Promise<Run> {
  const run = await getRun(runId);
  if (run === undefined) throw new Error(`No run ${runId}`);
  return run;
}

async function files(runId: string): Promise<{ [path: string]: string }> {
  const { artifacts } = await currentStore();
  const { artifactUri } = await stored(runId);
  const contents: { [path: string]: string } = {};
  for (const { path } of await artifacts.list(artifactUri)) {
    contents[path] = new TextDecoder().decode(await artifacts.read(artifactUri, path));
  }
  return contents;
}

describe("withRun", () => {
  test("makes a run in the current experiment and ends it FINISHED with the value", async () => {
    const runId = await withRun({ name: "mine", tags: { team: "search" } }, async (run) => {
      expect((await stored(run.runId)).status).toBe("RUNNING");
      return run.runId;
    });
    const run = await stored(runId);
    expect(run).toMatchObject({ name: "mine", status: "FINISHED", tags: { team: "search" } });
    expect(run.endTime).toBeGreaterThanOrEqual(run.startTime);
    expect(run.experimentId).toBe((await currentExperiment()).experimentId);
    expect(activeRun()).toBeUndefined();
  });

  test("ends it FAILED and throws on what was thrown, at once or later", async () => {
    const mistake = new TypeError("mine");
    const ids: string[] = [];
    const atOnce = withRun({}, (run) => {
      ids.push(run.runId);
      throw mistake;
    });
    await expect(atOnce).rejects.toBe(mistake);
    const later = withRun({}, async (run) => {
      ids.push(run.runId);
      await nextTurn();
      throw mistake;
    });
    await expect(later).rejects.toBe(mistake);
    for (const runId of ids) expect((await stored(runId)).status).toBe("FAILED");
  });

  test("throws on the program's own error also when the store cannot take the status", async () => {
    const mistake = new TypeError("mine");
    const failing = withRun({}, async () => {
      await closeStores();
      throw mistake;
    });
    await expect(failing).rejects.toBe(mistake);
  });

  test("logs to the innermost run", async () => {
    const { outer, inner } = await withRun({}, async ({ runId: outer }) => {
      await logParam("where", "outer");
      const inner = await withRun({}, async ({ runId }) => {
        await logParam("where", "inner");
        return runId;
      });
      await logMetric("after", 1);
      return { outer, inner };
    });
    const [parent, child] = [await stored(outer), await stored(inner)];
    expect([parent.params.where, child.params.where]).toEqual(["outer", "inner"]);
    expect(parent.metrics).toEqual({ after: 1 });
    expect(child.tags[RUN_TAGS.parentRunId]).toBe(outer);
    expect(child.experimentId).toBe(parent.experimentId);
  });

  test("keeps parallel runs apart", async () => {
    const names = Array.from({ length: 10 }, (_, index) => `run ${index}`);
    const ids = await Promise.all(
      names.map((name) =>
        withRun({ name }, async ({ runId }) => {
          await nextTurn();
          await logParam("name", name);
          const child = await withRun({}, async (run) => {
            await nextTurn();
            await setTag("of", name);
            return run.runId;
          });
          return { runId, child };
        }),
      ),
    );
    for (const [index, { runId, child }] of ids.entries()) {
      expect((await stored(runId)).params.name).toBe(names[index]);
      const { tags } = await stored(child);
      expect([tags.of, tags[RUN_TAGS.parentRunId]]).toEqual([names[index], runId]);
    }
  });

  test("continues a run by its id, with new tags and name", async () => {
    const runId = await withRun({}, async (run) => {
      await logParam("first", 1);
      return run.runId;
    });
    await withRun({ runId, name: "renamed", tags: { again: "yes" } }, async (run) => {
      expect(run.runId).toBe(runId);
      const going = await stored(runId);
      expect([going.status, going.endTime]).toEqual(["RUNNING", undefined]);
      await logParam("second", 2);
    });
    expect(await stored(runId)).toMatchObject({
      name: "renamed",
      status: "FINISHED",
      params: { first: "1", second: "2" },
      tags: { again: "yes" },
    });
  });

  test("continues neither an unknown nor a deleted run", async () => {
    const unknown = withRun({ runId: "nobody" }, () => undefined);
    await expect(unknown).rejects.toMatchObject({ code: "not-found" });
    const runId = await withRun({}, (run) => run.runId);
    await (await currentStore()).runs.deleteRun(runId);
    const deleted = withRun({ runId }, () => undefined);
    await expect(deleted).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("startRun and endRun", () => {
  test("nest like brackets", async () => {
    const outer = await startRun();
    const inner = await startRun({ name: "inner" });
    expect(activeRun()).toBe(inner);
    await logParam("a", true);
    await endRun("KILLED");
    expect(activeRun()).toBe(outer);
    await endRun();
    expect(activeRun()).toBeUndefined();
    await endRun();
    expect(await stored(inner.runId)).toMatchObject({ status: "KILLED", params: { a: "true" } });
    expect((await stored(inner.runId)).tags[RUN_TAGS.parentRunId]).toBe(outer.runId);
    expect((await stored(outer.runId)).status).toBe("FINISHED");
  });

  test("work inside withRun and end nothing of it", async () => {
    await withRun({}, async (around) => {
      const started = await startRun();
      expect(activeRun()).toBe(started);
      await logMetric("m", 1);
      await endRun();
      expect(activeRun()).toBe(around);
      await endRun();
      expect((await stored(around.runId)).status).toBe("RUNNING");
      const { metrics, tags } = await stored(started.runId);
      expect(metrics).toEqual({ m: 1 });
      expect(tags[RUN_TAGS.parentRunId]).toBe(around.runId);
    });
  });
});

describe("logging", () => {
  test("needs an active run, and says what to do", async () => {
    for (const log of [
      () => logParam("a", 1),
      () => logMetric("a", 1),
      () => setTag("a", "1"),
      () => logText("a", "a.txt"),
    ]) {
      const error = await log().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (!isAssayError(error, "conflict")) throw error;
      expect(error.message).toContain("startRun()");
    }
  });

  test("params are text, metrics have steps and times", async () => {
    const runId = await withRun({}, async (run) => {
      await logParams({ rate: 0.1, deep: false, model: "m" });
      await logMetric("loss", 3, { step: 1, timestamp: 1000 });
      await logMetrics({ loss: 2, acc: Number.NaN }, { step: 2, timestamp: 2000 });
      return run.runId;
    });
    const { params, metrics } = await stored(runId);
    expect(params).toEqual({ rate: "0.1", deep: "false", model: "m" });
    expect(metrics).toEqual({ loss: 2, acc: Number.NaN });
    const { runs } = await currentStore();
    expect(await runs.getMetricHistory(runId, "loss")).toEqual([
      { key: "loss", value: 3, step: 1, timestamp: 1000 },
      { key: "loss", value: 2, step: 2, timestamp: 2000 },
    ]);
  });

  test("texts, values and tables become artifacts", async () => {
    const runId = await withRun({}, async (run) => {
      await logText("grüße", "notes/a.txt");
      await logDict({ b: 1n, a: [undefined] }, "value.json");
      await logTable(
        [
          { q: "1", a: 2 },
          { q: "3", extra: true },
        ],
        "table.json",
      );
      return run.runId;
    });
    const contents = await files(runId);
    expect(contents["notes/a.txt"]).toBe("grüße");
    expect(JSON.parse(contents["value.json"] ?? "")).toEqual({ b: "1", a: [null] });
    expect(JSON.parse(contents["table.json"] ?? "")).toEqual({
      columns: ["q", "a", "extra"],
      data: [
        ["1", 2, null],
        ["3", null, true],
      ],
    });
  });

  test("files and folders are copied with all they hold", async () => {
    mkdirSync(join(folder, "report", "deep"), { recursive: true });
    writeFileSync(join(folder, "report", "a.txt"), "a");
    writeFileSync(join(folder, "report", "deep", "b.txt"), "b");
    writeFileSync(join(folder, "single.txt"), "s");
    const runId = await withRun({}, async (run) => {
      await logArtifact(join(folder, "report"));
      await logArtifact(join(folder, "single.txt"), "sub/folder");
      const missing = logArtifact(join(folder, "missing"));
      await expect(missing).rejects.toMatchObject({ code: "not-found" });
      return run.runId;
    });
    expect(await files(runId)).toEqual({
      "report/a.txt": "a",
      "report/deep/b.txt": "b",
      "sub/folder/single.txt": "s",
    });
  });

  test("an artifact cannot leave the run's folder", async () => {
    await withRun({}, async () => {
      await expect(logText("x", "../x.txt")).rejects.toMatchObject({ code: "invalid-argument" });
    });
  });
});

describe("settings", () => {
  test("a store is opened once per URI, and again after one that failed", async () => {
    const uri = getTrackingUri();
    expect(await storeAt(uri)).toBe(await storeAt(uri));
    writeFileSync(join(folder, "file"), "no database".repeat(1000));
    const bad = `sqlite:///${join(folder, "file")}`;
    await expect(storeAt(bad)).rejects.toMatchObject({ code: "configuration" });
    writeFileSync(join(folder, "file"), "");
    expect((await storeAt(bad)).uri).toBe(bad);
  });

  test("the environment names experiment and artifact root where nothing else does", async () => {
    vi.resetModules();
    vi.stubEnv("MLFLOW_EXPERIMENT_NAME", "mlflow's");
    const fresh = await import("../../src/tracking/index.ts");
    expect(fresh.currentExperimentName()).toBe("mlflow's");
    vi.stubEnv("ASSAY_EXPERIMENT_NAME", "ours");
    expect(fresh.currentExperimentName()).toBe("ours");
    expect(currentExperimentName()).toBe("tests");
    vi.stubEnv("ASSAY_ARTIFACT_ROOT", join(folder, "files"));
    const { artifactLocation } = await currentExperiment();
    expect(artifactLocation).toContain(join(folder, "files"));
  });
});

describe("traces", () => {
  test("belong to the run and experiment in which they began", async () => {
    const { runId, traceId } = await withRun({}, async (run) => {
      const traceId = await withSpan(async (span) => span.traceId, { name: "inside" });
      return { runId: run.runId, traceId };
    });
    const outside = await withSpan(async (span) => span.traceId, { name: "outside" });
    await flushTraces();
    const { traces } = await currentStore();
    const { experimentId } = await currentExperiment();
    expect(await traces.getTrace(`tr-${traceId}`)).toMatchObject({ info: { runId, experimentId } });
    const { info } = (await traces.getTrace(`tr-${outside}`)) ?? {};
    expect(info).toMatchObject({ name: "outside", experimentId });
    expect(info).not.toHaveProperty("runId");
  });

  test("stay with a run that ends before them", async () => {
    const run = await startRun();
    const span = startSpan({ name: "longer than its run" });
    const ended = endRun();
    span.end();
    await ended;
    await flushTraces();
    const trace = await (await currentStore()).traces.getTrace(`tr-${span.traceId}`);
    expect(trace?.info.runId).toBe(run.runId);
  });

  test("are stored before their store is closed", async () => {
    const uri = getTrackingUri();
    const traceId = await withSpan(async (span) => span.traceId, { name: "last" });
    await closeStores();
    expect(await (await storeAt(uri)).traces.getTrace(`tr-${traceId}`)).toBeDefined();
  });

  test("of a program whose store cannot be opened are lost without harm", async () => {
    writeFileSync(join(folder, "file"), "no database".repeat(1000));
    setTrackingUri(`sqlite:///${join(folder, "file")}`);
    const failed = withSpan(
      async () => {
        // The store fails while the span is still open; nobody waits for it yet.
        const [opened] = await Promise.allSettled([currentStore()]);
        await nextTurn();
        return opened.status;
      },
      { name: "unstored" },
    );
    expect(await failed).toBe("rejected");
    await flushTraces();
  });
});

describe("secrets", () => {
  // Not a key: it only has the shape of one.
  const SECRET = `sk-${"fake".repeat(8)}`;

  test("are masked in names, params, tags, metric keys, texts, values and tables", async () => {
    setExperiment(`e ${SECRET}`);
    const { runId } = await startRun({ name: `n ${SECRET}`, tags: { first: SECRET } });
    await logParam("one", SECRET);
    await logParams({ [SECRET]: 1 });
    await logMetric(`m ${SECRET}`, 1);
    await setTag("later", `t ${SECRET}`);
    await logText(`text ${SECRET}`, "a.txt");
    await logDict({ deep: [{ "api-key": "fake".repeat(5), key: SECRET }] }, "b.json");
    await logTable([{ [SECRET]: SECRET }], "c.json");
    await startRun({ runId, name: `again ${SECRET}`, tags: { third: SECRET } });
    const run = await stored(runId);
    const contents = await files(runId);
    const experiment = await currentExperiment();
    expect(JSON.stringify([run, contents, experiment])).not.toContain("fakefake");
    expect(experiment.name).toBe("e [redacted]");
    expect(run).toMatchObject({
      name: "again [redacted]",
      params: { one: "[redacted]", "[redacted]": "1" },
      metrics: { "m [redacted]": 1 },
      tags: { first: "[redacted]", later: "t [redacted]", third: "[redacted]" },
    });
    expect(JSON.parse(contents["b.json"] ?? "")).toEqual({
      deep: [{ "api-key": "[redacted]", key: "[redacted]" }],
    });
    expect(JSON.parse(contents["c.json"] ?? "")).toEqual({
      columns: ["[redacted]"],
      data: [["[redacted]"]],
    });
  });

  test("stay in files that are copied", async () => {
    const file = join(folder, "notes.txt");
    writeFileSync(file, SECRET);
    const { runId } = await startRun();
    await logArtifact(file);
    expect(await files(runId)).toEqual({ "notes.txt": SECRET });
  });
});
