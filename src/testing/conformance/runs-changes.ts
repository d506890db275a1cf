import { RUN_TAGS } from "../../core/index.ts";
import { newRun, rejection, type StoreTest, type TestRunner } from "./kit.ts";

/** What is said of a run when it is made, and how that changes. */
export function runChanges({ expect }: TestRunner, test: StoreTest): void {
  test("a run begins when, as what and by whom it is said", async ({ experiments, runs }) => {
    const { experimentId } = await experiments.ensureExperiment("e");
    const said = { startTime: 1234, status: "SCHEDULED", userId: "ada" } as const;
    const run = await runs.createRun({ experimentId, ...said });
    expect([run.startTime, run.status, run.tags[RUN_TAGS.user]]).toEqual([
      1234,
      "SCHEDULED",
      "ada",
    ]);
    const tags = { [RUN_TAGS.user]: "by tag" };
    const tagged = await runs.createRun({ experimentId, userId: "ada", tags });
    expect(tagged.tags[RUN_TAGS.user]).toBe("by tag");
    for (const wrong of [{ startTime: -1 }, { startTime: 0.5 }, { status: "DONE" as "FINISHED" }]) {
      const refused = await rejection(runs.createRun({ experimentId, ...wrong }));
      expect(refused.code).toBe("invalid-argument");
    }
  });

  test("a name and a name's tag agree", async ({ experiments, runs }) => {
    const { experimentId } = await experiments.ensureExperiment("e");
    const tags = { [RUN_TAGS.runName]: "b" };
    expect((await runs.createRun({ experimentId, name: "b", tags })).name).toBe("b");
    const { code, message } = await rejection(runs.createRun({ experimentId, name: "a", tags }));
    expect(code).toBe("invalid-argument");
    expect(message).toBe(
      "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='a', mlflow.runName='b').",
    );
  });

  test("a new name is the name's tag too", async (store) => {
    const runId = await newRun(store);
    await store.runs.updateRun(runId, { name: "renamed" });
    const run = await store.runs.getRun(runId);
    expect([run?.name, run?.tags[RUN_TAGS.runName]]).toEqual(["renamed", "renamed"]);
    expect(run?.status).toBe("RUNNING");
    for (const wrong of [{ name: " " }, { status: "DONE" as "FINISHED" }, { endTime: -1 }]) {
      expect((await rejection(store.runs.updateRun(runId, wrong))).code).toBe("invalid-argument");
    }
  });

  test("a deleted run comes back as it was", async (store) => {
    const { runs } = store;
    const runId = await newRun(store);
    await runs.logBatch(runId, { params: { a: "1" } });
    const before = await runs.getRun(runId);
    await runs.deleteRun(runId);
    await runs.restoreRun(runId);
    expect(await runs.getRun(runId)).toEqual(before);
    const again = await rejection(runs.restoreRun(runId));
    expect(again).toEqual({
      code: "conflict",
      message: `The run ${runId} must be in the 'deleted' state. Current state is active.`,
    });
    const unknown = await rejection(runs.restoreRun("nobody"));
    expect(unknown).toEqual({ code: "not-found", message: "Run with id=nobody not found" });
  });

  test("a deleted run says so to whoever writes to it", async (store) => {
    const runId = await newRun(store);
    await store.runs.deleteRun(runId);
    const { message } = await rejection(store.runs.logBatch(runId, { tags: { a: "1" } }));
    expect(message).toBe(
      `The run ${runId} must be in the 'active' state. Current state is deleted.`,
    );
  });

  test("a tag is deleted once", async (store) => {
    const runId = await newRun(store);
    await store.runs.logBatch(runId, { tags: { a: "1", b: "2" } });
    await store.runs.deleteTag(runId, "a");
    const tags = (await store.runs.getRun(runId))?.tags ?? {};
    expect(["a" in tags, tags.b]).toEqual([false, "2"]);
    const again = await rejection(store.runs.deleteTag(runId, "a"));
    expect(again).toEqual({
      code: "not-found",
      message: `No tag with name: a in run with id ${runId}`,
    });
  });

  test("who made a run does not change", async ({ experiments, runs }) => {
    const { experimentId } = await experiments.ensureExperiment("e");
    const { runId } = await runs.createRun({ experimentId, userId: "ada" });
    await runs.logBatch(runId, { tags: { [RUN_TAGS.user]: "ada", a: "1" } });
    const changed = runs.logBatch(runId, { tags: { [RUN_TAGS.user]: "bob", a: "2" } });
    expect((await rejection(changed)).code).toBe("conflict");
    const tags = (await runs.getRun(runId))?.tags ?? {};
    expect([tags[RUN_TAGS.user], tags.a]).toEqual(["ada", "1"]);
    const one = { [RUN_TAGS.artifactLocation]: "s3://bucket/1" };
    await runs.logBatch(runId, { tags: one });
    const other = runs.logBatch(runId, { tags: { [RUN_TAGS.artifactLocation]: "s3://bucket/2" } });
    expect((await rejection(other)).code).toBe("conflict");
  });
}
