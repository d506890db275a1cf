import { newRun, rejection, type StoreTest, type TestRunner } from "./kit.ts";

/** Naming, deleting and restoring experiments. */
export function experimentLifecycle({ expect }: TestRunner, test: StoreTest): void {
  test("the experiment named Default has the id 0, others have not", async ({ experiments }) => {
    const { experimentId } = await experiments.createExperiment("other");
    const made = await experiments.ensureExperiment("Default");
    expect([made.experimentId, experimentId === "0"]).toEqual(["0", false]);
    expect(made.artifactLocation.endsWith("/0")).toBe(true);
    expect(await experiments.getExperiment("0")).toEqual(made);
    const next = await experiments.createExperiment("next");
    expect(Number(next.experimentId) > Number(experimentId)).toBe(true);
  });

  test("a Default that was renamed keeps the id 0", async ({ experiments }) => {
    const first = await experiments.createExperiment("Default");
    await experiments.renameExperiment(first.experimentId, "renamed");
    const second = await experiments.createExperiment("Default");
    expect([first.experimentId, second.experimentId === "0"]).toEqual(["0", false]);
  });

  test("an experiment has the location and the tags it was made with", async ({
    experiments,
    runs,
  }) => {
    const made = await experiments.createExperiment("e", {
      artifactLocation: "s3://bucket/somewhere/",
      tags: { team: "search" },
    });
    expect(made.artifactLocation).toBe("s3://bucket/somewhere");
    expect(made.tags).toEqual({ team: "search" });
    expect(await experiments.getExperimentByName("e")).toEqual(made);
    const run = await runs.createRun({ experimentId: made.experimentId });
    expect(run.artifactUri).toBe(`s3://bucket/somewhere/${run.runId}/artifacts`);
  });

  test("a location that no store serves makes no experiment", async ({ experiments }) => {
    for (const artifactLocation of ["runs:/1", "s3://user:pass@bucket/x", "s3://b/../c"]) {
      await rejection(experiments.createExperiment("e", { artifactLocation }));
    }
    expect(await experiments.getExperimentByName("e")).toBe(undefined);
  });

  test("a name has at most 500 characters", async ({ experiments }) => {
    const longest = "ü".repeat(500);
    expect((await experiments.createExperiment(longest)).name).toBe(longest);
    const { code, message } = await rejection(experiments.createExperiment(`${longest}x`));
    expect(code).toBe("invalid-argument");
    const text = "'name' exceeds the maximum length of 500 characters";
    expect(message.startsWith(text)).toBe(true);
  });

  test("a new name is found, the old one is free", async ({ experiments }) => {
    const { experimentId, lastUpdateTime } = await experiments.createExperiment("old");
    await experiments.renameExperiment(experimentId, "new");
    const renamed = await experiments.getExperimentByName("new");
    expect(renamed?.experimentId).toBe(experimentId);
    expect((renamed?.lastUpdateTime ?? 0) >= lastUpdateTime).toBe(true);
    expect(await experiments.getExperimentByName("old")).toBe(undefined);
    await experiments.renameExperiment(experimentId, "new");
  });

  test("a name is taken by a deleted experiment too", async ({ experiments }) => {
    const { experimentId } = await experiments.createExperiment("taken");
    const other = await experiments.createExperiment("other");
    const attempts = [
      () => experiments.createExperiment("taken"),
      () => experiments.renameExperiment(other.experimentId, "taken"),
    ];
    for (const deleted of [false, true]) {
      if (deleted) await experiments.deleteExperiment(experimentId);
      for (const attempt of attempts) {
        const { code, message } = await rejection(attempt());
        expect(code).toBe("already-exists");
        expect(message.startsWith("Experiment(name=taken) already exists.")).toBe(true);
      }
    }
  });

  test("a deleted experiment takes its runs along, and brings these back", async (store) => {
    const { experiments, runs } = store;
    const [kept, gone] = [await newRun(store), await newRun(store)];
    const elsewhere = await experiments.createExperiment("elsewhere");
    const other = await runs.createRun({ experimentId: elsewhere.experimentId });
    await runs.deleteRun(gone);
    const { experimentId } = (await runs.getRun(kept)) ?? { experimentId: "" };
    const stages = async () => {
      const found = await Promise.all([kept, gone, other.runId].map((id) => runs.getRun(id)));
      return found.map((run) => run?.lifecycleStage);
    };
    await experiments.deleteExperiment(experimentId);
    expect((await experiments.getExperiment(experimentId))?.lifecycleStage).toBe("deleted");
    expect(await stages()).toEqual(["deleted", "deleted", "active"]);
    expect((await rejection(runs.restoreRun(kept))).code).toBe("conflict");
    await experiments.restoreExperiment(experimentId);
    expect((await experiments.getExperiment(experimentId))?.lifecycleStage).toBe("active");
    // What had been deleted before stays deleted.
    expect(await stages()).toEqual(["active", "deleted", "active"]);
  });

  test("a deleted experiment is closed until it is restored", async ({ experiments, runs }) => {
    const { experimentId } = await experiments.createExperiment("e", { tags: { a: "1" } });
    await experiments.deleteExperiment(experimentId);
    const rename = await rejection(experiments.renameExperiment(experimentId, "x"));
    expect(rename.message.startsWith("Cannot rename a non-active experiment.")).toBe(true);
    for (const refused of [
      () => experiments.ensureExperiment("e"),
      () => experiments.renameExperiment(experimentId, "x"),
      () => experiments.deleteExperiment(experimentId),
      () => experiments.setExperimentTag(experimentId, "a", "2"),
      () => experiments.deleteExperimentTag(experimentId, "a"),
      () => runs.createRun({ experimentId }),
    ]) {
      expect((await rejection(refused())).code).toBe("conflict");
    }
    await experiments.restoreExperiment(experimentId);
    expect((await rejection(experiments.restoreExperiment(experimentId))).code).toBe("conflict");
    await experiments.setExperimentTag(experimentId, "a", "2");
  });

  test("what is asked of an unknown experiment is not found", async ({ experiments, runs }) => {
    for (const id of ["999", "x", "9".repeat(30)]) {
      for (const refused of [
        () => experiments.renameExperiment(id, "x"),
        () => experiments.deleteExperiment(id),
        () => experiments.restoreExperiment(id),
        () => experiments.deleteExperimentTag(id, "a"),
        () => runs.createRun({ experimentId: id }),
      ]) {
        const { code, message } = await rejection(refused());
        expect([code, message]).toEqual(["not-found", `No Experiment with id=${id} exists`]);
      }
    }
  });

  test("a tag is deleted once, and has at most 5000 characters", async ({ experiments }) => {
    const { experimentId } = await experiments.createExperiment("e", { tags: { a: "1", b: "2" } });
    await experiments.deleteExperimentTag(experimentId, "a");
    expect((await experiments.getExperiment(experimentId))?.tags).toEqual({ b: "2" });
    const again = await rejection(experiments.deleteExperimentTag(experimentId, "a"));
    expect(again.code).toBe("not-found");
    await experiments.setExperimentTag(experimentId, "b", "x".repeat(5000));
    const long = experiments.setExperimentTag(experimentId, "b", "x".repeat(5001));
    expect((await rejection(long)).code).toBe("invalid-argument");
  });
}
