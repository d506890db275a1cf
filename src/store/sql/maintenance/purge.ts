import { type RawBuilder, sql } from "kysely";
import type { SqlContext } from "../context.ts";
import type { SqlEngine } from "../engine.ts";
import type { Schema } from "../schema.ts";
import { Chunks, type Removal } from "./chunks.ts";
import {
  isOwner,
  OWNED_TABLE_NAMES,
  OWNED_TABLES,
  type OwnedTable,
  type OwnerTable,
} from "./owned-tables.ts";

/** Rows that are removed together, with all that is theirs. */
const SLICE = 200;

/** Removes a run with its results, traces and all else that is its own; whether it was there. */
export async function purgeRun(
  { engine }: SqlContext,
  run: number,
  experimentId: number,
): Promise<boolean> {
  const purge = new Purge(engine);
  // A trace in another experiment stays, and forgets the run.
  await purge.remove("traces", sql`run = ${run} and experiment_id = ${experimentId}`);
  return (await purge.remove("runs", sql`id = ${run}`)) > 0;
}

/** Removes a logged model with what was logged of it, in whatever experiment. */
export async function purgeModel({ engine }: SqlContext, model: number): Promise<boolean> {
  return (await new Purge(engine).remove("logged_models", sql`id = ${model}`)) > 0;
}

/** Removes an experiment with all that is in it; whether it was there. */
export async function purgeExperiment(
  { engine }: SqlContext,
  experimentId: number,
): Promise<boolean> {
  const purge = new Purge(engine);
  const isInside = sql<boolean>`experiment_id = ${experimentId}`;
  const own = inReverse.filter((table) => OWNED_TABLES[table].owner.table === "experiments");
  for (const table of own.filter(isOwner)) await purge.remove(table, isInside);
  const rest = own.filter((table) => !isOwner(table)).map((table) => removal(table, isInside));
  const ofDatasets = removalBy("dataset_experiments", ["dataset", "experiment_id"], isInside);
  const itself = removalBy("experiments", ["experiment_id"], isInside);
  return (await new Chunks(engine).remove([...rest, ofDatasets, itself])) > 0;
}

/** Who refers comes before what is referred to. */
const inReverse = OWNED_TABLE_NAMES.toReversed();

class Purge {
  readonly #engine: SqlEngine;
  readonly #chunks: Chunks;

  constructor(engine: SqlEngine) {
    this.#engine = engine;
    this.#chunks = new Chunks(engine);
  }

  /** Removes rows with what they own and what cannot be without them; resolves to how many. */
  async remove(table: OwnerTable, condition: RawBuilder<boolean>): Promise<number> {
    for (let total = 0; ; ) {
      const { rows } = await sql<{ id: number }>`
        select id from ${sql.table(table)} where ${condition} limit ${SLICE}`.execute(
        this.#engine.reads,
      );
      if (rows.length === 0) return total;
      const among = (column: string) =>
        this.#engine.expressions.isAmong(
          sql.ref(column),
          rows.map((row) => row.id),
        );
      for (const owned of inReverse.filter(isOwner)) {
        const { owner } = OWNED_TABLES[owned];
        if (owner.table === table) await this.remove(owned, among(owner.column));
      }
      const dependents = inReverse.flatMap((other) => dependentsIn(other, table, among));
      total += await this.#chunks.remove([...dependents, removal(table, among("id"))]);
    }
  }
}

/** What has to be done to the rows of a table before the rows go that they refer to. */
function dependentsIn(
  table: OwnedTable,
  target: OwnerTable,
  among: (column: string) => RawBuilder<boolean>,
): Removal[] {
  const { owner, links = {}, optionalLinks = {}, cascades = [] } = OWNED_TABLES[table];
  const owning = owner.table === target && !isOwner(table) ? [owner.column] : [];
  const naming = Object.keys(links).filter((column) => links[column] === target);
  const optional = Object.keys(optionalLinks).filter((column) => optionalLinks[column] === target);
  return [
    ...[...owning, ...naming].map((column) => removal(table, among(column))),
    ...optional.map((column) =>
      cascades.includes(column)
        ? removal(table, among(column))
        : forgetting(table, column, among(column)),
    ),
  ];
}

function removal(table: OwnedTable, condition: RawBuilder<boolean>): Removal {
  return removalBy(table, OWNED_TABLES[table].key, condition);
}

function removalBy(
  table: keyof Schema,
  key: readonly string[],
  condition: RawBuilder<boolean>,
): Removal {
  const columns = sql.join(key.map((column) => sql.ref(column)));
  return async (transaction, most) => {
    const { numAffectedRows } = await sql`delete from ${sql.table(table)} where (${columns}) in
      (select ${columns} from ${sql.table(table)} where ${condition} limit ${most})`.execute(
      transaction,
    );
    return Number(numAffectedRows ?? 0);
  };
}

/** Sets a column to null. */
function forgetting(table: OwnedTable, column: string, condition: RawBuilder<boolean>): Removal {
  return async (transaction, most) => {
    const { numAffectedRows } = await sql`update ${sql.table(table)} set ${sql.ref(column)} = null
      where id in (select id from ${sql.table(table)} where ${condition} limit ${most})`.execute(
      transaction,
    );
    return Number(numAffectedRows ?? 0);
  };
}
