import { experimentLifecycle } from "./experiments-lifecycle.ts";
import { type OpenStore, rejection, storeTests, type TestRunner } from "./kit.ts";

/** What every {@link ExperimentStore} does. */
export function experimentStoreSuite(runner: TestRunner, open: OpenStore): void {
  const { describe, expect } = runner;
  const test = storeTests(runner, open);

  describe("experiments", () => {
    test("a created experiment is found by id and by name", async ({ experiments }) => {
      const made = await experiments.createExperiment("first");
      expect(made.name).toBe("first");
      expect(made.lifecycleStage).toBe("active");
      expect(made.creationTime > 0).toBe(true);
      expect(made.artifactLocation.endsWith(`/${made.experimentId}`)).toBe(true);
      expect(await experiments.getExperiment(made.experimentId)).toEqual(made);
      expect(await experiments.getExperimentByName("first")).toEqual(made);
    });

    test("what does not exist is undefined, whatever the id looks like", async ({
      experiments,
    }) => {
      for (const id of ["999", "", "abc", "1e0", "1.5", "-1"]) {
        expect(await experiments.getExperiment(id)).toBe(undefined);
      }
      expect(await experiments.getExperimentByName("nobody")).toBe(undefined);
    });

    test("a taken name is refused, and so is an empty one", async ({ experiments }) => {
      await experiments.createExperiment("taken");
      expect((await rejection(experiments.createExperiment("taken"))).code).toBe("already-exists");
      expect((await rejection(experiments.createExperiment("  "))).code).toBe("invalid-argument");
    });

    test("names differ by case", async ({ experiments }) => {
      const lower = await experiments.createExperiment("name");
      const upper = await experiments.createExperiment("Name");
      expect(lower.experimentId === upper.experimentId).toBe(false);
    });

    test("ensuring a name makes one experiment, however often and at once", async ({
      experiments,
    }) => {
      const made = await Promise.all(
        Array.from({ length: 8 }, () => experiments.ensureExperiment("shared")),
      );
      expect(new Set(made.map(({ experimentId }) => experimentId)).size).toBe(1);
      expect((await experiments.listExperiments()).length).toBe(1);
    });

    test("the list has the newest first", async ({ experiments }) => {
      for (const name of ["a", "b", "c"]) await experiments.createExperiment(name);
      const names = (await experiments.listExperiments()).map(({ name }) => name);
      expect(names).toEqual(["c", "b", "a"]);
    });

    test("a tag is set and overwritten", async ({ experiments }) => {
      const { experimentId } = await experiments.createExperiment("tagged");
      await experiments.setExperimentTag(experimentId, "team", "search");
      await experiments.setExperimentTag(experimentId, "team", "ranking");
      const tagged = await experiments.getExperiment(experimentId);
      expect(tagged?.tags).toEqual({ team: "ranking" });
      const refused = await rejection(experiments.setExperimentTag("999", "team", "x"));
      expect(refused.code).toBe("not-found");
    });
  });

  describe("naming, deleting and restoring experiments", () => experimentLifecycle(runner, test));
}
