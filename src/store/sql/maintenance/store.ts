import { sql } from "kysely";
import { AssayError, type Experiment } from "../../../core/index.ts";
import type {
  DeletedEntities,
  ExperimentStore,
  ExportedRow,
  MaintenanceStore,
} from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import { SCHEMA_VERSION } from "../migrations/index.ts";
import { exportRows } from "./export-rows.ts";
import { importExperiment, UNFINISHED_IMPORT } from "./import-experiment.ts";
import { purgeExperiment, purgeModel, purgeRun } from "./purge.ts";

const DAY_MS = 86_400_000;

export class SqlMaintenanceStore implements MaintenanceStore {
  readonly #context: SqlContext;

  readonly #experiments: ExperimentStore;
  readonly schemaVersion = SCHEMA_VERSION;

  constructor(context: SqlContext, experiments: ExperimentStore) {
    this.#context = context;
    this.#experiments = experiments;
  }

  async *exportRows(experimentId: string): AsyncGenerator<ExportedRow> {
    const experiment = await this.#experiments.getExperiment(experimentId);
    if (experiment === undefined) {
      throw new AssayError("not-found", `No Experiment with id=${experimentId} exists`);
    }
    const { engine } = this.#context;
    yield* exportRows(engine, Number(experimentId), experiment.artifactLocation);
  }

  async importRows(
    experiment: Pick<Experiment, "name" | "creationTime" | "lastUpdateTime">,
    rows: AsyncIterable<ExportedRow>,
    finish: (artifactLocation: string) => Promise<void>,
  ): Promise<Experiment> {
    const id = await importExperiment(this.#context, experiment, rows, finish);
    return (await this.#experiments.getExperiment(String(id))) as Experiment;
  }

  async listDeleted(before: number): Promise<DeletedEntities> {
    const { engine, clock } = this.#context;
    const { reads } = engine;
    const underWay = await reads
      .selectFrom("experiments")
      .select("experiment_id")
      .where("name", "like", `${UNFINISHED_IMPORT}%`)
      .where("creation_time", ">", clock.now() - DAY_MS)
      .execute();
    const imports = underWay.map((row) => row.experiment_id);
    const isSettled = sql<boolean>`not ${engine.expressions.isAmong(sql.ref("experiment_id"), imports)}`;
    const experiments = await reads
      .selectFrom("experiments")
      .select(["experiment_id", "name", "artifact_location"])
      .where("lifecycle_stage", "=", "deleted")
      // What was deleted before times were kept is old.
      .where((eb) => eb(eb.fn.coalesce("deleted_time", eb.lit(0)), "<", before))
      .where(isSettled)
      .orderBy("experiment_id")
      .execute();
    const runs = await reads
      .selectFrom("runs")
      .select(["run_id", "name", "artifact_uri"])
      .where("lifecycle_stage", "=", "deleted")
      .where((eb) => eb(eb.fn.coalesce("deleted_time", eb.lit(0)), "<", before))
      .where(isSettled)
      .orderBy("id")
      .execute();
    const models = await reads
      .selectFrom("logged_models")
      .select(["model_id", "name", "artifact_uri"])
      .where("lifecycle_stage", "=", "deleted")
      .where("last_update_time", "<", before)
      .orderBy("id")
      .execute();
    return {
      experiments: experiments.map((row) => ({
        id: String(row.experiment_id),
        name: row.name,
        artifactUri: row.artifact_location,
      })),
      runs: runs.map((row) => ({ id: row.run_id, name: row.name, artifactUri: row.artifact_uri })),
      models: models.map((row) => ({
        id: row.model_id,
        name: row.name,
        artifactUri: row.artifact_uri,
      })),
    };
  }

  async purgeExperiment(experimentId: string): Promise<void> {
    const row = await this.#context.engine.reads
      .selectFrom("experiments")
      .select(["experiment_id as id", "lifecycle_stage"])
      .where("experiment_id", "=", Number(experimentId))
      .executeTakeFirst();
    await purgeExperiment(this.#context, deletedId(row, "experiment", experimentId));
  }

  async purgeRun(runId: string): Promise<void> {
    const row = await this.#context.engine.reads
      .selectFrom("runs")
      .select(["id", "lifecycle_stage"])
      .where("run_id", "=", runId)
      .executeTakeFirst();
    await purgeRun(this.#context, deletedId(row, "run", runId));
  }

  async purgeModel(modelId: string): Promise<void> {
    const row = await this.#context.engine.reads
      .selectFrom("logged_models")
      .select(["id", "lifecycle_stage"])
      .where("model_id", "=", modelId)
      .executeTakeFirst();
    await purgeModel(this.#context, deletedId(row, "logged model", modelId));
  }
}

function deletedId(
  row: { readonly id: number; readonly lifecycle_stage: string } | undefined,
  noun: string,
  name: string,
): number {
  if (row === undefined) throw new AssayError("not-found", `No ${noun} with id ${name}`);
  if (row.lifecycle_stage === "deleted") return row.id;
  throw new AssayError(
    "conflict",
    `The ${noun} ${name} is active. Only what has been deleted can be removed for good.`,
  );
}
