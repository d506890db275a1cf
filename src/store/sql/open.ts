import { dirname, join } from "node:path";
import { type Clock, createScrubber, type ScrubberOptions, systemClock } from "../../core/index.ts";
import { artifactRootUri, openArtifactStore } from "../artifacts/index.ts";
import type { TrackingStore } from "../ports/index.ts";
import type { StoreLocation } from "../uri.ts";
import { SqlDatasetStore } from "./datasets/store.ts";
import type { SqlEngine } from "./engine.ts";
import { SqlExperimentStore } from "./experiments/store.ts";
import { GroupCommit } from "./group-commit.ts";
import { SqlMaintenanceStore } from "./maintenance/store.ts";
import { SqlLoggedModelStore } from "./models/store.ts";
import { SqlResultStore } from "./results/store.ts";
import { SqlRunStore } from "./runs/store.ts";
import { SqlTraceStore } from "./traces/store.ts";

export interface SqlStoreOptions extends ScrubberOptions {
  readonly uri: string;
  /** Path, `file://` or `s3://` URI for files of runs; default `.assay/artifacts` beside the database, or in the working folder. */
  readonly artifactRoot?: string;
  readonly clock?: Clock;
}

/** Opens a tracking store in a database, making or migrating it where needed. */
export async function openSqlStore(
  location: StoreLocation,
  options: SqlStoreOptions,
): Promise<TrackingStore> {
  if (location.engine === "postgresql") {
    const { openPostgres } = await import("./postgres/open.ts");
    return sqlStore(await openPostgres(location.uri), process.cwd(), options);
  }
  const { openSqlite } = await import("./sqlite/open.ts");
  const { engine, path } = await openSqlite(location.path);
  return sqlStore(engine, path === ":memory:" ? process.cwd() : dirname(path), options);
}

/** @param folder - Where `.assay` lies unless the artifacts have a root of their own. */
export function sqlStore(
  engine: SqlEngine,
  folder: string,
  options: SqlStoreOptions,
): TrackingStore {
  const commits = new GroupCommit(engine);
  const scrubber = createScrubber(options);
  const context = {
    engine,
    commits,
    clock: options.clock ?? systemClock,
    scrubber,
    artifactRoot: artifactRootUri(options.artifactRoot ?? join(folder, ".assay", "artifacts")),
  };
  const experiments = new SqlExperimentStore(context);
  return {
    uri: options.uri,
    scrubber,
    experiments,
    runs: new SqlRunStore(context),
    loggedModels: new SqlLoggedModelStore(context),
    results: new SqlResultStore(context),
    traces: new SqlTraceStore(context),
    datasets: new SqlDatasetStore(context),
    artifacts: openArtifactStore(),
    maintenance: new SqlMaintenanceStore(context, experiments),
    close: async () => {
      await commits.drained();
      await engine.close();
    },
  };
}
