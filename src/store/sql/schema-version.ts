import { AssayError } from "../../core/index.ts";
import { SCHEMA_VERSION } from "./migrations/index.ts";

/** Holds one row: the number of migrations applied. */
export const VERSION_TABLE = "assay_schema";

/**
 * Whether a database with these tables is Assay's; an empty one can become it.
 *
 * @param name - What messages call the database.
 * @throws {AssayError} `configuration` when it belongs to another program.
 */
export function isOurs(tables: readonly string[], name: string): boolean {
  if (tables.length === 0) return false;
  if (tables.includes(VERSION_TABLE)) return true;
  const owner = tables.includes("alembic_version") ? "MLflow" : "another program";
  throw new AssayError(
    "configuration",
    `${name} is a database of ${owner}, not of Assay, and was left untouched. Name another one in the tracking URI.`,
  );
}

/** @throws {AssayError} `configuration` for a schema that a later version has made. */
export function checkNotNewer(version: number, name: string): void {
  if (version <= SCHEMA_VERSION) return;
  throw new AssayError(
    "configuration",
    `${name} has schema version ${version}, this Assay knows up to ${SCHEMA_VERSION}. Upgrade the assay package.`,
  );
}
