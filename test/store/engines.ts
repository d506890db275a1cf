import { join } from "node:path";
import { openStore, type TrackingStore } from "../../src/store/index.ts";
import { newDatabase, noPostgres } from "../support/postgres.ts";
import { tempFolder } from "./temp-folder.ts";

/** For `describe.each`: what the engine is called, why it cannot be tested, and how a new store is opened. */
export const ENGINES: readonly (readonly [
  string,
  string | undefined,
  () => Promise<TrackingStore>,
])[] = [
  ["SQLite", undefined, () => openStore(`sqlite:///${join(tempFolder(), "assay.db")}`)],
  [
    `PostgreSQL${noPostgres ? ` (skipped: ${noPostgres})` : ""}`,
    noPostgres,
    async () => openStore(await newDatabase(), { artifactRoot: join(tempFolder(), "files") }),
  ],
];
