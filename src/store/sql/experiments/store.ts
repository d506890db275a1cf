import { sql } from "kysely";
import { AssayError, type Experiment, quotable } from "../../../core/index.ts";
import { checkTexts, LENGTHS } from "../../limits.ts";
import type {
  ExperimentStore,
  NewExperimentOptions,
  Page,
  SearchQuery,
} from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import { deleteText, EXPERIMENT_TAGS, putTexts, textsOf } from "../keyed-texts.ts";
import { countMatches, searchRows } from "../search/index.ts";
import { experimentNumbers } from "./experiment-numbers.ts";
import {
  activeExperiment,
  checkNameIsFree,
  deletionTime,
  type ExperimentRow,
  knownExperiment,
  toExperiment,
} from "./experiment-rows.ts";
import { createExperiment, experimentName } from "./new-experiment.ts";

export class SqlExperimentStore implements ExperimentStore {
  readonly #context: SqlContext;

  constructor(context: SqlContext) {
    this.#context = context;
  }

  async createExperiment(name: string, options: NewExperimentOptions = {}): Promise<Experiment> {
    return createExperiment(this.#context, name, options);
  }

  async getExperiment(experimentId: string): Promise<Experiment | undefined> {
    const [id] = experimentNumbers([experimentId]);
    if (id === undefined) return undefined;
    const row = await this.#context.engine.reads
      .selectFrom("experiments")
      .selectAll()
      .where("experiment_id", "=", id)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    return (await this.#withTags([row]))[0];
  }

  async getExperimentByName(name: string): Promise<Experiment | undefined> {
    const { engine, scrubber } = this.#context;
    const row = await engine.reads
      .selectFrom("experiments")
      .selectAll()
      .where("name", "=", scrubber.name(name))
      .executeTakeFirst();
    if (row === undefined) return undefined;
    return (await this.#withTags([row]))[0];
  }

  async ensureExperiment(name: string): Promise<Experiment> {
    const experiment = (await this.getExperimentByName(name)) ?? (await this.#makeOrGet(name));
    if (experiment.lifecycleStage === "deleted") {
      throw new AssayError(
        "conflict",
        `Experiment "${experiment.name}" is deleted. Use another name or restore it first.`,
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

  async searchExperiments(query: SearchQuery): Promise<Page<Experiment>> {
    const { reads, expressions } = this.#context.engine;
    return searchRows(this.#context, "experiments", query, async (ids) => {
      const rows = await reads
        .selectFrom("experiments")
        .selectAll()
        .where(expressions.isAmong(sql.ref("experiment_id"), ids))
        .execute();
      const experiments = await this.#withTags(rows);
      return experiments.map(
        (experiment) => [Number(experiment.experimentId), experiment] as const,
      );
    });
  }

  async countExperiments(query: SearchQuery): Promise<number> {
    return countMatches(this.#context.engine, "experiments", query);
  }

  async renameExperiment(experimentId: string, given: string): Promise<void> {
    const { engine, clock } = this.#context;
    const name = experimentName(this.#context, given);
    await engine.transaction(async (transaction) => {
      const known = await knownExperiment(transaction, experimentId);
      if (known.lifecycle_stage !== "active") {
        throw new AssayError(
          "conflict",
          `Cannot rename a non-active experiment. Restore experiment ${experimentId} first.`,
        );
      }
      if (known.name !== name) await checkNameIsFree(transaction, name);
      await transaction
        .updateTable("experiments")
        .set({ name, last_update_time: clock.now() })
        .where("experiment_id", "=", known.experiment_id)
        .execute();
    });
  }

  async deleteExperiment(experimentId: string): Promise<void> {
    const { engine, clock } = this.#context;
    await engine.transaction(async (transaction) => {
      const { experiment_id } = await activeExperiment(transaction, experimentId);
      const now = clock.now();
      // One time for all: it tells the runs to restore from those that had been deleted before.
      const deletedTime = await deletionTime(transaction, experiment_id, now);
      const deleted = { lifecycle_stage: "deleted", deleted_time: deletedTime } as const;
      await transaction
        .updateTable("runs")
        .set(deleted)
        .where("experiment_id", "=", experiment_id)
        .where("lifecycle_stage", "=", "active")
        .execute();
      await transaction
        .updateTable("experiments")
        .set({ ...deleted, last_update_time: now })
        .where("experiment_id", "=", experiment_id)
        .execute();
    });
  }

  async restoreExperiment(experimentId: string): Promise<void> {
    const { engine, clock } = this.#context;
    await engine.transaction(async (transaction) => {
      const known = await knownExperiment(transaction, experimentId);
      if (known.lifecycle_stage !== "deleted") {
        throw new AssayError(
          "conflict",
          `The experiment ${experimentId} must be in the 'deleted' state. Current state is ${known.lifecycle_stage}.`,
        );
      }
      const restored = { lifecycle_stage: "active", deleted_time: null } as const;
      await transaction
        .updateTable("runs")
        .set(restored)
        .where("experiment_id", "=", known.experiment_id)
        .where("lifecycle_stage", "=", "deleted")
        .where("deleted_time", "=", known.deleted_time)
        .execute();
      const { numUpdatedRows } = await transaction
        .updateTable("experiments")
        .set({ ...restored, last_update_time: clock.now() })
        .where("experiment_id", "=", known.experiment_id)
        .where("lifecycle_stage", "=", "deleted")
        .executeTakeFirst();
      // A garbage collection may have taken hold of it meanwhile.
      if (numUpdatedRows === 0n) {
        throw new AssayError(
          "conflict",
          `The experiment ${experimentId} is being removed for good.`,
        );
      }
    });
  }

  async setExperimentTag(experimentId: string, key: string, value: string): Promise<void> {
    const { engine, scrubber } = this.#context;
    checkTexts("tags", { [key]: value }, LENGTHS.experimentTagValue);
    const tags = scrubber.texts({ [key]: value });
    await engine.transaction(async (transaction) => {
      const { experiment_id } = await activeExperiment(transaction, experimentId);
      await putTexts(engine, transaction, EXPERIMENT_TAGS, experiment_id, tags);
    });
  }

  async deleteExperimentTag(experimentId: string, key: string): Promise<void> {
    await this.#context.engine.transaction(async (transaction) => {
      const { experiment_id } = await activeExperiment(transaction, experimentId);
      if (await deleteText(transaction, EXPERIMENT_TAGS, experiment_id, key)) return;
      throw new AssayError(
        "not-found",
        `No tag with name: ${quotable(key)} in experiment with id ${experimentId}`,
      );
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
    const tags = await textsOf(engine, engine.reads, EXPERIMENT_TAGS, ids);
    return rows.map((row) => toExperiment(row, tags.get(row.experiment_id) ?? {}));
  }
}
