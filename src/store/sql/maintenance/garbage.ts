import { type RawBuilder, sql } from "kysely";
import type { DeletedEntity, DeletedKind, OwnFiles } from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import { experimentNumbers } from "../experiments/experiment-numbers.ts";
import { UNFINISHED_IMPORT } from "./import-experiment.ts";
import { experimentFiles, ownFolder } from "./own-files.ts";

const DAY_MS = 86_400_000;

interface Kind {
  readonly table: "experiments" | "runs" | "logged_models";
  /** The column with the public id, and its type. */
  readonly id: string;
  readonly toId: (publicId: string) => string | number;
  /** The column with the number by which others refer to it. */
  readonly number: string;
  readonly artifactUri: string;
  /** When it was deleted. */
  readonly deletedAt: RawBuilder<number>;
}

// What was deleted before times were kept is old.
const DELETED_TIME = sql<number>`coalesce(deleted_time, 0)`;

export const KINDS: { readonly [K in DeletedKind]: Kind } = {
  experiment: {
    table: "experiments",
    id: "experiment_id",
    toId: (publicId) => experimentNumbers([publicId])[0] ?? -1,
    number: "experiment_id",
    artifactUri: "artifact_location",
    deletedAt: DELETED_TIME,
  },
  run: {
    table: "runs",
    id: "run_id",
    toId: String,
    number: "id",
    artifactUri: "artifact_uri",
    deletedAt: DELETED_TIME,
  },
  model: {
    table: "logged_models",
    id: "model_id",
    toId: String,
    number: "id",
    artifactUri: "artifact_uri",
    deletedAt: sql`last_update_time`,
  },
};

/** What of a kind was deleted before a time, or claimed and not removed. */
export async function listGarbage(
  context: SqlContext,
  kind: DeletedKind,
  before: number,
): Promise<DeletedEntity[]> {
  const { table, id, number, artifactUri } = KINDS[kind];
  const { rows } = await sql<{ id: string | number; name: string; uri: string }>`
    select ${sql.ref(id)} as id, name, ${sql.ref(artifactUri)} as uri from ${sql.table(table)}
    where ${isGarbage(context, kind, before)} order by ${sql.ref(`${table}.${number}`)}`.execute(
    context.engine.reads,
  );
  return rows.map((row) => ({ id: String(row.id), name: row.name, artifactUri: row.uri }));
}

/** See the port. One statement checks and marks, so nothing comes between. */
export async function claim(
  context: SqlContext,
  kind: DeletedKind,
  publicId: string,
  before: number,
): Promise<OwnFiles | undefined> {
  const { table, id, toId, artifactUri } = KINDS[kind];
  const claimed = await context.engine.transaction(async (transaction) => {
    const { rows } = await sql<{ experiment_id: number; uri: string }>`
      update ${sql.table(table)} set lifecycle_stage = 'purging'
      where ${sql.ref(id)} = ${toId(publicId)} and ${isGarbage(context, kind, before)}
      returning experiment_id, ${sql.ref(artifactUri)} as uri`.execute(transaction);
    return rows[0];
  });
  if (claimed === undefined) return undefined;
  if (kind === "experiment") return experimentFiles(context, claimed.experiment_id, claimed.uri);
  const { artifact_location: location } = await context.engine.reads
    .selectFrom("experiments")
    .select("artifact_location")
    .where("experiment_id", "=", claimed.experiment_id)
    .executeTakeFirstOrThrow();
  const own = ownFolder(location, kind === "run" ? publicId : `models/${publicId}`, claimed.uri);
  return { folders: own === undefined ? [] : [own] };
}

function isGarbage({ clock }: SqlContext, kind: DeletedKind, before: number): RawBuilder<boolean> {
  return sql`(lifecycle_stage = 'purging'
      or lifecycle_stage = 'deleted' and ${KINDS[kind].deletedAt} < ${before})
    and experiment_id not in (select experiment_id from experiments
      where name like ${`${UNFINISHED_IMPORT}%`} and creation_time > ${clock.now() - DAY_MS})`;
}
