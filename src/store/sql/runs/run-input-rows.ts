import { type Selectable, sql } from "kysely";
import type { DatasetInput, InputDataset, ModelOutput, Run } from "../../../core/index.ts";
import type { SqlEngine } from "../engine.ts";
import { byOwner } from "../keyed-texts.ts";
import type { Schema } from "../schema.ts";

/** What runs used and made. */
export type InputsAndOutputs = Pick<Run, "inputs" | "outputs">;

/** Two queries for runs without inputs, four for others; a dataset of many runs is read once. */
export async function inputsAndOutputs(
  engine: SqlEngine,
  runs: readonly number[],
): Promise<(run: number) => InputsAndOutputs> {
  const datasets = await datasetInputs(engine, runs);
  const models = await linkedModels(engine, runs);
  return (run) => {
    const linked = models.get(run) ?? [];
    const of = (direction: string) => linked.filter((model) => model.direction === direction);
    return {
      inputs: {
        datasets: datasets.get(run) ?? [],
        models: of("input").map(({ modelId }) => ({ modelId })),
      },
      outputs: { models: of("output").map(({ modelId, step }) => ({ modelId, step })) },
    };
  };
}

async function datasetInputs(
  engine: SqlEngine,
  runs: readonly number[],
): Promise<Map<number, DatasetInput[]>> {
  const { reads, expressions } = engine;
  const links = await reads
    .selectFrom("run_inputs")
    .selectAll()
    .where(expressions.isAmong(sql.ref("run"), runs))
    .orderBy("run")
    .orderBy("dataset")
    .execute();
  const inputs = new Map<number, DatasetInput[]>();
  if (links.length === 0) return inputs;
  const ids = [...new Set(links.map(({ dataset }) => dataset))];
  const rows = await reads
    .selectFrom("input_datasets")
    .selectAll()
    .where(expressions.isAmong(sql.ref("id"), ids))
    .execute();
  const datasets = new Map(rows.map((row) => [row.id, toInputDataset(row)]));
  const tags = await inputTags(engine, runs);
  for (const { run, dataset } of links) {
    const known = inputs.get(run) ?? [];
    known.push({
      dataset: datasets.get(dataset) as InputDataset,
      tags: tags.get(run)?.get(dataset) ?? {},
    });
    inputs.set(run, known);
  }
  return inputs;
}

async function inputTags(
  { reads, expressions }: SqlEngine,
  runs: readonly number[],
): Promise<Map<number, Map<number, DatasetInput["tags"]>>> {
  const rows = await reads
    .selectFrom("run_input_tags")
    .select(["run", "dataset as owner", "key", "value"])
    .where(expressions.isAmong(sql.ref("run"), runs))
    .orderBy("run")
    .orderBy("dataset")
    .orderBy("key")
    .execute();
  const ofRuns = Map.groupBy(rows, ({ run }) => run);
  return new Map([...ofRuns].map(([run, own]) => [run, byOwner(own)]));
}

interface LinkedModel extends ModelOutput {
  readonly direction: "input" | "output";
}

async function linkedModels(
  { reads, expressions }: SqlEngine,
  runs: readonly number[],
): Promise<Map<number, LinkedModel[]>> {
  const rows = await reads
    .selectFrom("run_models")
    .innerJoin("logged_models", "logged_models.id", "run_models.model")
    .select(["run", "direction", "step", "model_id as modelId"])
    .where(expressions.isAmong(sql.ref("run"), runs))
    .orderBy("run")
    .orderBy("step")
    .orderBy("model")
    .execute();
  return Map.groupBy(rows, ({ run }) => run);
}

function toInputDataset(row: Selectable<Schema["input_datasets"]>): InputDataset {
  return {
    name: row.name,
    digest: row.digest,
    sourceType: row.source_type,
    source: row.source,
    ...(row.schema !== null && { schema: row.schema }),
    ...(row.profile !== null && { profile: row.profile }),
  };
}
