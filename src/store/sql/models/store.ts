import type { Transaction } from "kysely";
import {
  AssayError,
  type LoggedModel,
  type LoggedModelStatus,
  newModelId,
  quotable,
  randomRunName,
} from "../../../core/index.ts";
import { checkKeys, checkLength, invalidValue, LENGTHS } from "../../limits.ts";
import type { LoggedModelStore, NewLoggedModel, Page, SearchQuery } from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import { activeExperiment } from "../experiments/experiment-rows.ts";
import { addParams, deleteText, MODEL_PARAMS, MODEL_TAGS, putTexts } from "../keyed-texts.ts";
import { findRun } from "../runs/run-rows.ts";
import type { Schema } from "../schema.ts";
import { searchTable } from "../search/index.ts";
import { checkActiveModel, noModel } from "./active-models.ts";
import { toLoggedModels } from "./model-rows.ts";

type Texts = { readonly [key: string]: string };

export class SqlLoggedModelStore implements LoggedModelStore {
  readonly #context: SqlContext;

  constructor(context: SqlContext) {
    this.#context = context;
  }

  async createLoggedModel(model: NewLoggedModel): Promise<LoggedModel> {
    const { engine, clock, scrubber } = this.#context;
    const { params = {}, tags = {}, modelType } = model;
    if (model.name !== undefined) checkModelName(model.name);
    checkKeys("params", params);
    checkKeys("tags", tags);
    const name = scrubber.name(model.name ?? randomRunName());
    const modelId = newModelId();
    const now = clock.now();
    await engine.transaction(async (transaction) => {
      const experiment = await activeExperiment(transaction, model.experimentId);
      const row = await transaction
        .insertInto("logged_models")
        .values({
          model_id: modelId,
          experiment_id: experiment.experiment_id,
          name,
          model_type: modelType === undefined ? null : scrubber.name(modelType),
          status: "PENDING",
          source_run: await sourceRun(transaction, model.sourceRunId),
          artifact_uri: `${experiment.artifact_location}/models/${modelId}/artifacts`,
          lifecycle_stage: "active",
          creation_time: now,
          last_update_time: now,
        })
        .returning("id")
        .executeTakeFirstOrThrow();
      const owner = { id: row.id, name: `model ID='${modelId}'` };
      await addParams(engine, transaction, MODEL_PARAMS, owner, scrubber.texts(params));
      await putTexts(engine, transaction, MODEL_TAGS, row.id, scrubber.texts(tags));
    });
    return this.#stored(modelId);
  }

  async getLoggedModel(
    modelId: string,
    { includeDeleted = false }: { readonly includeDeleted?: boolean } = {},
  ): Promise<LoggedModel | undefined> {
    const { engine } = this.#context;
    const row = await engine.reads
      .selectFrom("logged_models")
      .selectAll()
      .where("model_id", "=", modelId)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    if (row.lifecycle_stage !== "active" && !includeDeleted) return undefined;
    return (await toLoggedModels(engine, [row]))[0];
  }

  async searchLoggedModels(query: SearchQuery): Promise<Page<LoggedModel>> {
    const { items, ...page } = await searchTable(this.#context, "logged-models", query);
    return { ...page, items: await toLoggedModels(this.#context.engine, items) };
  }

  async finalizeLoggedModel(
    modelId: string,
    status: Exclude<LoggedModelStatus, "PENDING">,
  ): Promise<LoggedModel> {
    if (status !== "READY" && status !== "UPLOAD_FAILED") {
      throw invalidValue(status, "status", "Expected READY or UPLOAD_FAILED.");
    }
    await this.#change(modelId, async (transaction, model) => {
      await transaction
        .updateTable("logged_models")
        .set({ status })
        .where("id", "=", model)
        .execute();
    });
    return this.#stored(modelId);
  }

  async setLoggedModelTags(modelId: string, tags: Texts): Promise<void> {
    const { engine, scrubber } = this.#context;
    checkKeys("tags", tags);
    await this.#change(modelId, (transaction, model) =>
      putTexts(engine, transaction, MODEL_TAGS, model, scrubber.texts(tags)),
    );
  }

  async deleteLoggedModelTag(modelId: string, key: string): Promise<void> {
    await this.#change(modelId, async (transaction, model) => {
      if (await deleteText(transaction, MODEL_TAGS, model, key)) return;
      throw new AssayError(
        "not-found",
        `No tag with key '${quotable(key)}' found for model with ID '${modelId}'.`,
      );
    });
  }

  async logLoggedModelParams(modelId: string, params: Texts): Promise<void> {
    const { engine, scrubber } = this.#context;
    checkKeys("params", params);
    await this.#change(modelId, (transaction, id) => {
      const owner = { id, name: `model ID='${modelId}'` };
      return addParams(engine, transaction, MODEL_PARAMS, owner, scrubber.texts(params));
    });
  }

  async deleteLoggedModel(modelId: string): Promise<void> {
    await this.#change(modelId, async (transaction, model) => {
      await transaction
        .updateTable("logged_models")
        .set({ lifecycle_stage: "deleted" })
        .where("id", "=", model)
        .execute();
    });
  }

  async restoreLoggedModel(modelId: string): Promise<void> {
    const { engine, clock } = this.#context;
    const { numUpdatedRows } = await engine.transaction((transaction) =>
      transaction
        .updateTable("logged_models")
        .set({ lifecycle_stage: "active", last_update_time: clock.now() })
        .where("model_id", "=", modelId)
        .where("lifecycle_stage", "=", "deleted")
        .executeTakeFirst(),
    );
    if (numUpdatedRows > 0n) return;
    await this.#stored(modelId);
    throw new AssayError(
      "conflict",
      `The logged model ${modelId} must be in the 'deleted' state. Current state is active.`,
    );
  }

  /** Changes an active model, and notes when. */
  async #change(
    modelId: string,
    work: (transaction: Transaction<Schema>, model: number) => Promise<void>,
  ): Promise<void> {
    const { engine, clock } = this.#context;
    await engine.transaction(async (transaction) => {
      const row = await transaction
        .selectFrom("logged_models")
        .select(["id", "lifecycle_stage"])
        .where("model_id", "=", modelId)
        .executeTakeFirst();
      const id = checkActiveModel(row, modelId);
      await work(transaction, id);
      await transaction
        .updateTable("logged_models")
        .set({ last_update_time: clock.now() })
        .where("id", "=", id)
        .execute();
    });
  }

  async #stored(modelId: string): Promise<LoggedModel> {
    const model = await this.getLoggedModel(modelId);
    if (model === undefined) throw noModel(modelId);
    return model;
  }
}

/** @throws {AssayError} `not-found` for a run that is not there. */
async function sourceRun(
  transaction: Transaction<Schema>,
  runId: string | undefined,
): Promise<number | null> {
  if (runId === undefined) return null;
  const row = await findRun(transaction, runId);
  if (row === undefined) throw new AssayError("not-found", `Run with id=${runId} not found`);
  return row.id;
}

/** In MLflow's words. */
function checkModelName(name: string): void {
  checkLength(name, "name", LENGTHS.modelName);
  if (name !== "" && !/[/:.%"']/.test(name)) return;
  throw new AssayError(
    "invalid-argument",
    `Invalid model name ('${name}') provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '"', "'")`,
  );
}
