import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Kysely } from "kysely";
import { type Clock, systemClock } from "../../core/index.ts";
import { LocalArtifactStore } from "../artifacts/local.ts";
import type { TrackingStore } from "../ports.ts";
import { SqlExperimentStore } from "./experiments.ts";
import { GroupCommit } from "./group-commit.ts";
import { migrate } from "./migrate.ts";
import { SqlResultStore } from "./results.ts";
import { SqlRunStore } from "./runs.ts";
import type { Schema } from "./schema.ts";
import { SqliteConnection } from "./sqlite-connection.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";
import { SqlTraceStore } from "./traces.ts";

export interface SqliteStoreOptions {
  /** A file, or `:memory:` for a store that ends with the process. */
  readonly path: string;
  readonly uri: string;
  /** Folder for files of runs; default `.assay/artifacts` beside the database. */
  readonly artifactRoot?: string;
  readonly clock?: Clock;
}

/** Opens a tracking store in a SQLite file, making or migrating it where needed. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<TrackingStore> {
  const connection = new SqliteConnection(
    options.path === ":memory:" ? options.path : resolve(options.path),
  );
  return sqliteStore(connection, options);
}

/** A tracking store on an open connection, which it closes, also when it cannot be used. */
export async function sqliteStore(
  connection: SqliteConnection,
  options: Omit<SqliteStoreOptions, "path">,
): Promise<TrackingStore> {
  try {
    await migrate(connection);
  } catch (error) {
    connection.close();
    throw error;
  }
  const folder = connection.path === ":memory:" ? process.cwd() : dirname(connection.path);
  const artifactRoot = options.artifactRoot ?? join(folder, ".assay", "artifacts");
  const clock = options.clock ?? systemClock;
  const database = new Kysely<Schema>({ dialect: sqliteDialect(connection) });
  const commits = new GroupCommit(database);
  // From its first query on, Kysely hands the connection out in the order it is asked for it.
  await database.connection().execute(async () => undefined);
  return {
    uri: options.uri,
    experiments: new SqlExperimentStore(database, clock, pathToFileURL(artifactRoot).href),
    runs: new SqlRunStore(database, clock),
    results: new SqlResultStore(database, commits),
    traces: new SqlTraceStore(database, commits),
    artifacts: new LocalArtifactStore(),
    close: async () => {
      await commits.drained();
      // Takes its turn behind the transactions under way.
      await database.connection().execute(async () => connection.close());
    },
  };
}
