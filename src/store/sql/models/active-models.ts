import { type Selectable, sql, type Transaction } from "kysely";
import { AssayError, quotable } from "../../../core/index.ts";
import type { SqlEngine } from "../engine.ts";
import type { Schema } from "../schema.ts";

/**
 * The database's integer names of active models.
 *
 * @throws {AssayError} `not-found` for an unknown one, `conflict` for a deleted one.
 */
export async function modelNumbers(
  engine: SqlEngine,
  transaction: Transaction<Schema>,
  modelIds: readonly string[],
): Promise<Map<string, number>> {
  const rows = await transaction
    .selectFrom("logged_models")
    .select(["id", "model_id", "lifecycle_stage"])
    .where(engine.expressions.isAmong(sql.ref("model_id"), modelIds))
    .execute();
  const known = new Map(rows.map((row) => [row.model_id, row]));
  return new Map(
    modelIds.map((modelId) => [modelId, checkActiveModel(known.get(modelId), modelId)]),
  );
}

/** @throws {AssayError} `not-found` for an unknown model, `conflict` for a deleted one. */
export function checkActiveModel(
  row: Pick<Selectable<Schema["logged_models"]>, "id" | "lifecycle_stage"> | undefined,
  modelId: string,
): number {
  if (row === undefined) throw noModel(modelId);
  if (row.lifecycle_stage === "active") return row.id;
  throw new AssayError(
    "conflict",
    `The logged model ${modelId} must be in the 'active' state. Current state is ${row.lifecycle_stage}.`,
  );
}

export function noModel(modelId: string): AssayError {
  return new AssayError("not-found", `Logged model with ID '${quotable(modelId)}' not found.`);
}
