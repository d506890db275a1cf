import { type Kysely, type Selectable, sql } from "kysely";
import { AssayError, type Experiment, quotable } from "../../../core/index.ts";
import { shownStage } from "../lifecycle.ts";
import type { Schema } from "../schema.ts";
import { experimentNumbers } from "./experiment-numbers.ts";

export type ExperimentRow = Selectable<Schema["experiments"]>;

/** @throws {AssayError} `not-found` for an unknown experiment, `conflict` for a deleted one. */
export async function activeExperiment(
  database: Kysely<Schema>,
  experimentId: string,
): Promise<ExperimentRow> {
  const row = await knownExperiment(database, experimentId);
  if (row.lifecycle_stage === "active") return row;
  throw new AssayError(
    "conflict",
    `The experiment ${experimentId} must be in the 'active' state. Current state is ${row.lifecycle_stage}.`,
  );
}

/** @throws {AssayError} `not-found` for an unknown experiment; a deleted one is fine. */
export async function knownExperiment(
  database: Kysely<Schema>,
  experimentId: string,
): Promise<ExperimentRow> {
  const [id] = experimentNumbers([experimentId]);
  const row = await database
    .selectFrom("experiments")
    .selectAll()
    .where("experiment_id", "=", id ?? -1)
    .executeTakeFirst();
  if (row === undefined) {
    throw new AssayError("not-found", `No Experiment with id=${quotable(experimentId)} exists`);
  }
  return row;
}

/** @throws {AssayError} `already-exists` when an experiment has the name, be it deleted. */
export async function checkNameIsFree(database: Kysely<Schema>, name: string): Promise<void> {
  const taken = await database
    .selectFrom("experiments")
    .select("lifecycle_stage")
    .where("name", "=", name)
    .executeTakeFirst();
  if (taken === undefined) return;
  throw nameTaken(name, taken.lifecycle_stage === "deleted");
}

export function nameTaken(name: string, isDeleted: boolean): AssayError {
  const advice = isDeleted ? " It is deleted: restore it, or take another name." : "";
  return new AssayError("already-exists", `Experiment(name=${name}) already exists.${advice}`);
}

/** The time to delete an experiment at: later than any of its runs was deleted by itself. */
export async function deletionTime(
  database: Kysely<Schema>,
  experiment: number,
  now: number,
): Promise<number> {
  const row = await database
    .selectFrom("runs")
    .select(sql<number | null>`max(deleted_time)`.as("last"))
    .where("experiment_id", "=", experiment)
    .where("lifecycle_stage", "=", "deleted")
    .executeTakeFirst();
  return Math.max(now, (row?.last ?? 0) + 1);
}

export function toExperiment(row: ExperimentRow, tags: Experiment["tags"]): Experiment {
  return {
    experimentId: String(row.experiment_id),
    name: row.name,
    artifactLocation: row.artifact_location,
    lifecycleStage: shownStage(row.lifecycle_stage),
    creationTime: row.creation_time,
    lastUpdateTime: row.last_update_time,
    tags,
  };
}
