import type { Kysely, Selectable } from "kysely";
import { AssayError, type Clock, type Experiment } from "../../core/index.ts";
import type { ExperimentStore } from "../ports.ts";
import type { Schema } from "./schema.ts";

export class SqlExperimentStore implements ExperimentStore {
  readonly #database: Kysely<Schema>;
  readonly #clock: Clock;
  readonly #artifactRoot: string;

  constructor(database: Kysely<Schema>, clock: Clock, artifactRoot: string) {
    this.#database = database;
    this.#clock = clock;
    this.#artifactRoot = artifactRoot;
  }

  async createExperiment(name: string): Promise<Experiment> {
    if (name.trim() === "") {
      throw new AssayError(
        "invalid-argument",
        "Expected a name for the experiment, got an empty one",
      );
    }
    const now = this.#clock.now();
    // The location holds the id, which only the insert decides: one transaction writes both.
    return this.#database.transaction().execute(async (transaction) => {
      const taken = await transaction
        .selectFrom("experiments")
        .select("lifecycle_stage")
        .where("name", "=", name)
        .executeTakeFirst();
      if (taken) {
        const state = taken.lifecycle_stage === "deleted" ? " (deleted)" : "";
        throw new AssayError("already-exists", `Experiment "${name}" already exists${state}`);
      }
      const { experiment_id } = await transaction
        .insertInto("experiments")
        .values({
          name,
          artifact_location: "",
          lifecycle_stage: "active",
          creation_time: now,
          last_update_time: now,
        })
        .returning("experiment_id")
        .executeTakeFirstOrThrow();
      const row = await transaction
        .updateTable("experiments")
        .set({ artifact_location: `${this.#artifactRoot}/${experiment_id}` })
        .where("experiment_id", "=", experiment_id)
        .returningAll()
        .executeTakeFirstOrThrow();
      return toExperiment(row, {});
    });
  }

  async getExperiment(experimentId: string): Promise<Experiment | undefined> {
    if (!/^\d+$/.test(experimentId)) return undefined;
    const row = await this.#database
      .selectFrom("experiments")
      .selectAll()
      .where("experiment_id", "=", Number(experimentId))
      .executeTakeFirst();
    return row && this.#withTags(row);
  }

  async getExperimentByName(name: string): Promise<Experiment | undefined> {
    const row = await this.#database
      .selectFrom("experiments")
      .selectAll()
      .where("name", "=", name)
      .executeTakeFirst();
    return row && this.#withTags(row);
  }

  async ensureExperiment(name: string): Promise<Experiment> {
    const experiment = (await this.getExperimentByName(name)) ?? (await this.#makeOrGet(name));
    if (experiment.lifecycleStage === "deleted") {
      throw new AssayError(
        "conflict",
        `Experiment "${name}" is deleted. Use another name or restore it first.`,
      );
    }
    return experiment;
  }

  async listExperiments(): Promise<Experiment[]> {
    const rows = await this.#database
      .selectFrom("experiments")
      .selectAll()
      .where("lifecycle_stage", "=", "active")
      .orderBy("creation_time", "desc")
      .orderBy("experiment_id", "desc")
      .execute();
    return Promise.all(rows.map((row) => this.#withTags(row)));
  }

  async setExperimentTag(experimentId: string, key: string, value: string): Promise<void> {
    if ((await this.getExperiment(experimentId)) === undefined) {
      throw new AssayError("not-found", `No experiment with id ${experimentId}`);
    }
    await this.#database
      .insertInto("experiment_tags")
      .values({ experiment_id: Number(experimentId), key, value })
      .onConflict((conflict) => conflict.columns(["experiment_id", "key"]).doUpdateSet({ value }))
      .execute();
  }

  async #makeOrGet(name: string): Promise<Experiment> {
    try {
      return await this.createExperiment(name);
    } catch (error) {
      // Somebody else may have made it meanwhile.
      const made = await this.getExperimentByName(name);
      if (made === undefined) throw error;
      return made;
    }
  }

  async #withTags(row: ExperimentRow): Promise<Experiment> {
    const tags = await this.#database
      .selectFrom("experiment_tags")
      .select(["key", "value"])
      .where("experiment_id", "=", row.experiment_id)
      .execute();
    return toExperiment(row, Object.fromEntries(tags.map(({ key, value }) => [key, value])));
  }
}

type ExperimentRow = Selectable<Schema["experiments"]>;

function toExperiment(row: ExperimentRow, tags: Experiment["tags"]): Experiment {
  return {
    experimentId: String(row.experiment_id),
    name: row.name,
    artifactLocation: row.artifact_location,
    lifecycleStage: row.lifecycle_stage,
    creationTime: row.creation_time,
    lastUpdateTime: row.last_update_time,
    tags,
  };
}
