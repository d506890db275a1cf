import type { Transaction } from "kysely";
import type { InputDataset, ModelOutput, Scrubber } from "../../../core/index.ts";
import { checkInputs } from "../../limits.ts";
import type { NewRunInputs } from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import { type BulkInsert, insertRows, type SqlEngine } from "../engine.ts";
import { modelNumbers } from "../models/active-models.ts";
import type { Schema } from "../schema.ts";
import type { RunRow } from "./run-rows.ts";

const DATASETS: BulkInsert = {
  table: "input_datasets",
  columns: {
    experiment_id: "integer",
    name: "text",
    digest: "text",
    source_type: "text",
    source: "text",
    schema: "text",
    profile: "text",
  },
  // Name and digest say what it is: what the first writer noted of it stays.
  ending: "on conflict (experiment_id, name, digest) do nothing",
};

const INPUTS: BulkInsert = {
  table: "run_inputs",
  columns: { run: "integer", dataset: "integer" },
  ending: "on conflict do nothing",
};

const INPUT_TAGS: BulkInsert = {
  table: "run_input_tags",
  columns: { run: "integer", dataset: "integer", key: "text", value: "text" },
  ending: "on conflict (run, dataset, key) do update set value = excluded.value",
};

const MODELS: BulkInsert = {
  table: "run_models",
  columns: { run: "integer", model: "integer", direction: "text", step: "integer" },
  ending: "on conflict (run, model, direction) do update set step = excluded.step",
};

type RunKey = Pick<RunRow, "id" | "experiment_id">;

/** @throws {AssayError} `not-found` for an unknown model. */
export async function writeInputs(
  { engine, scrubber }: SqlContext,
  transaction: Transaction<Schema>,
  run: RunKey,
  { datasets = [], models = [] }: NewRunInputs,
): Promise<void> {
  checkInputs(datasets);
  const inputs = datasets.map(({ dataset, tags = {} }) => ({
    dataset: scrubbed(scrubber, dataset),
    tags: scrubber.texts(tags),
  }));
  const rows = inputs.map(({ dataset }) => datasetRow(run, dataset));
  await insertRows(engine, transaction, DATASETS, rows);
  for (const { dataset, tags } of inputs) {
    const { id } = await transaction
      .selectFrom("input_datasets")
      .select("id")
      .where("experiment_id", "=", run.experiment_id)
      .where("name", "=", dataset.name)
      .where("digest", "=", dataset.digest)
      .executeTakeFirstOrThrow();
    await insertRows(engine, transaction, INPUTS, [[run.id, id]]);
    const lines = Object.entries(tags).map(([key, value]) => [run.id, id, key, value]);
    await insertRows(engine, transaction, INPUT_TAGS, lines);
  }
  const used = models.map(({ modelId }) => ({ modelId, step: 0 }));
  await linkModels(engine, transaction, run.id, "input", used);
}

/** @throws {AssayError} `not-found` for an unknown model. */
export async function linkModels(
  engine: SqlEngine,
  transaction: Transaction<Schema>,
  run: number,
  direction: "input" | "output",
  models: readonly ModelOutput[],
): Promise<void> {
  if (models.length === 0) return;
  // The last step of each: one row is changed once per statement.
  const steps = new Map(models.map(({ modelId, step }) => [modelId, step]));
  const numbers = await modelNumbers(engine, transaction, [...steps.keys()]);
  const rows = [...steps].map(([modelId, step]) => [
    run,
    numbers.get(modelId) as number,
    direction,
    step,
  ]);
  await insertRows(engine, transaction, MODELS, rows);
}

function scrubbed(scrubber: Scrubber, dataset: InputDataset): InputDataset {
  const { schema, profile } = dataset;
  return {
    name: scrubber.name(dataset.name),
    digest: scrubber.key(dataset.digest),
    sourceType: scrubber.name(dataset.sourceType),
    source: scrubber.text(dataset.source),
    ...(schema !== undefined && { schema: scrubber.text(schema) }),
    ...(profile !== undefined && { profile: scrubber.text(profile) }),
  };
}

function datasetRow(run: RunKey, dataset: InputDataset) {
  const { name, digest, sourceType, source, schema = null, profile = null } = dataset;
  return [run.experiment_id, name, digest, sourceType, source, schema, profile];
}
