import { dirname, join, resolve } from "node:path";
import { type Clock, createScrubber, type ScrubberOptions, systemClock } from "../../core/index.ts";
import { artifactRootUri, openArtifactStore } from "../artifacts/index.ts";
import type { TrackingStore } from "../ports/index.ts";
import { type StoreLocation, storeName } from "../uri.ts";
import { SqlAssessmentStore } from "./assessments/store.ts";
import { SqlDatasetStore } from "./datasets/store.ts";
import type { SqlEngine } from "./engine.ts";
import { SqlExperimentStore } from "./experiments/store.ts";
import { GroupCommit } from "./group-commit.ts";
import { SqlMaintenanceStore } from "./maintenance/store.ts";
import { SqlLoggedModelStore } from "./models/store.ts";
import { SqlResponseStore } from "./responses/store.ts";
import { SqlResultStore } from "./results/store.ts";
import { SqlRunStore } from "./runs/store.ts";
import { SqlTraceStore } from "./traces/store.ts";
import { SqlWorkStore } from "./work/store.ts";

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
  // First: a root that cannot be used is found before anything is opened or made.
  const artifactRoot = artifactRootUri(options.artifactRoot ?? defaultRoot(location));
  return sqlStore(await openEngine(location), { ...options, artifactRoot });
}

/** Beside the database where that is a file. */
function defaultRoot(location: StoreLocation): string {
  const isFile = location.engine === "sqlite" && location.path !== ":memory:";
  return join(isFile ? dirname(resolve(location.path)) : process.cwd(), ".assay", "artifacts");
}

async function openEngine(location: StoreLocation): Promise<SqlEngine> {
  if (location.engine === "postgresql") {
    const { openPostgres } = await import("./postgres/open.ts");
    return openPostgres(location.uri);
  }
  const { openSqlite } = await import("./sqlite/open.ts");
  return openSqlite(location.path);
}

export function sqlStore(
  engine: SqlEngine,
  options: SqlStoreOptions & { readonly artifactRoot: string },
): TrackingStore {
  const commits = new GroupCommit(engine);
  const scrubber = createScrubber(options);
  const context = {
    engine,
    commits,
    clock: options.clock ?? systemClock,
    scrubber,
    artifactRoot: options.artifactRoot,
  };
  const experiments = new SqlExperimentStore(context);
  return {
    uri: storeName(options.uri),
    scrubber,
    experiments,
    runs: new SqlRunStore(context),
    loggedModels: new SqlLoggedModelStore(context),
    results: new SqlResultStore(context),
    work: new SqlWorkStore(context),
    responses: new SqlResponseStore(context),
    traces: new SqlTraceStore(context),
    assessments: new SqlAssessmentStore(context),
    datasets: new SqlDatasetStore(context),
    artifacts: openArtifactStore(),
    maintenance: new SqlMaintenanceStore(context, experiments),
    close: async () => {
      await commits.drained();
      await engine.close();
    },
  };
}
