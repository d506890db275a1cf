import { type Selectable, sql } from "kysely";
import { AssayError, type Experiment } from "../../core/index.ts";
import type { ExperimentStore } from "../ports.ts";
import type { SqlContext } from "./context.ts";
import type { Schema } from "./schema.ts";

export class SqlExperimentStore implements ExperimentStore {
  readonly #context: SqlContext;

  constructor(context: SqlContext) {
    this.#context = context;
  }

  async createExperiment(given: string): Promise<Experiment> {
    const { engine, clock, scrubber, artifactRoot } = this.#context;
    const name = scrubber.name(given);
    if (name.trim() === "") {
      throw new AssayError(
        "invalid-argument",
        "Expected a name for the experiment, got an empty one",
      );
    }
    const now = clock.now();
    // The location holds the id, which only the insert decides: one transaction writes both.
    return engine.transaction(async (transaction) => {
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
        .set({ artifact_location: `${artifactRoot}/${experiment_id}` })
        .where("experiment_id", "=", experiment_id)
        .returningAll()
        .executeTakeFirstOrThrow();
      return toExperiment(row, {});
    });
  }

  async getExperiment(experimentId: string): Promise<Experiment | undefined> {
    if (!/^\d+$/.test(experimentId)) return undefined;
    const row = await this.#context.engine.reads
      .selectFrom("experiments")
      .selectAll()
      .where("experiment_id", "=", Number(experimentId))
      .executeTakeFirst();
    if (row === undefined) return undefined;
    return (await this.#withTags([row]))[0];
  }

  async getExperimentByName(name: string): Promise<Experiment | undefined> {
    const row = await this.#context.engine.reads
      .selectFrom("experiments")
      .selectAll()
      .where("name", "=", name)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    return (await this.#withTags([row]))[0];
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
    const rows = await this.#context.engine.reads
      .selectFrom("experiments")
      .selectAll()
      .where("lifecycle_stage", "=", "active")
      .orderBy("creation_time", "desc")
      .orderBy("experiment_id", "desc")
      .execute();
    return this.#withTags(rows);
  }

  async setExperimentTag(experimentId: string, key: string, value: string): Promise<void> {
    const { engine, scrubber } = this.#context;
    const id = Number(experimentId);
    const tags = Object.entries(scrubber.texts({ [key]: value }));
    await engine.transaction(async (transaction) => {
      const known = await transaction
        .selectFrom("experiments")
        .select("experiment_id")
        .where("experiment_id", "=", id)
        .executeTakeFirst();
      if (known === undefined) {
        throw new AssayError("not-found", `No Experiment with id=${experimentId} exists`);
      }
      await transaction
        .insertInto("experiment_tags")
        .values(tags.map(([name, text]) => ({ experiment_id: id, key: name, value: text })))
        .onConflict((conflict) =>
          conflict
            .columns(["experiment_id", "key"])
            .doUpdateSet(({ ref }) => ({ value: ref("excluded.value") })),
        )
        .execute();
    });
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

  async #withTags(rows: readonly ExperimentRow[]): Promise<Experiment[]> {
    const { engine } = this.#context;
    const ids = rows.map((row) => row.experiment_id);
    const tags = await engine.reads
      .selectFrom("experiment_tags")
      .selectAll()
      .where(engine.expressions.isAmong(sql.ref("experiment_id"), ids))
      .orderBy("key")
      .execute();
    const byExperiment = Map.groupBy(tags, (tag) => tag.experiment_id);
    return rows.map((row) => {
      const own = byExperiment.get(row.experiment_id) ?? [];
      return toExperiment(row, Object.fromEntries(own.map(({ key, value }) => [key, value])));
    });
  }
}

/** Ids of experiments as the database has them; what cannot be one is left out. */
export function experimentNumbers(experimentIds: readonly string[]): readonly number[] {
  return experimentIds.filter((id) => /^\d{1,15}$/.test(id)).map(Number);
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
