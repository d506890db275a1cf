import { sql } from "kysely";
import { AssayError, type Experiment } from "../../../core/index.ts";
import type {
  DeletedEntities,
  DeletedKind,
  ExperimentStore,
  ExportedRow,
  MaintenanceStore,
  OwnFiles,
} from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import { SCHEMA_VERSION } from "../migrations/index.ts";
import { exportRows } from "./export-rows.ts";
import { claim, KINDS, listGarbage } from "./garbage.ts";
import { importExperiment } from "./import-experiment.ts";
import { purgeExperiment, purgeModel, purgeRun } from "./purge.ts";

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
    return {
      experiments: await listGarbage(this.#context, "experiment", before),
      runs: await listGarbage(this.#context, "run", before),
      models: await listGarbage(this.#context, "model", before),
    };
  }

  async claim(kind: DeletedKind, id: string, before: number): Promise<OwnFiles | undefined> {
    return claim(this.#context, kind, id, before);
  }

  async purge(kind: DeletedKind, publicId: string): Promise<boolean> {
    const { table, id, toId, number } = KINDS[kind];
    const { rows } = await sql<{ id: number; experiment_id: number; lifecycle_stage: string }>`
      select ${sql.ref(number)} as id, experiment_id, lifecycle_stage from ${sql.table(table)}
      where ${sql.ref(id)} = ${toId(publicId)}`.execute(this.#context.engine.reads);
    const [row] = rows;
    if (row === undefined) return false;
    if (row.lifecycle_stage !== "purging") {
      throw new AssayError(
        "conflict",
        `The ${kind} ${publicId} is ${row.lifecycle_stage}. Only what has been claimed can be removed for good.`,
      );
    }
    if (kind === "experiment") return purgeExperiment(this.#context, row.id);
    if (kind === "model") return purgeModel(this.#context, row.id);
    return purgeRun(this.#context, row.id, row.experiment_id);
  }
}
