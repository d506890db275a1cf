import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openStore } from "../../src/store/index.ts";
import { trackingStoreSuites } from "../../src/testing/conformance/index.ts";
import { tempFolder } from "../store/temp-folder.ts";
import { newDatabase, noPostgres } from "../support/postgres.ts";

/** A database that the others are copied from, which is faster than migrating each. */
let template: Promise<string> | undefined;

async function migratedDatabase(): Promise<string> {
  const uri = await newDatabase();
  await (await openStore(uri)).close();
  return uri;
}

describe.skipIf(noPostgres)(`PostgreSQL${noPostgres ? ` (skipped: ${noPostgres})` : ""}`, () => {
  trackingStoreSuites({ describe, test, expect }, async () => {
    template ??= migratedDatabase();
    const artifactRoot = join(tempFolder(), "artifacts");
    return openStore(await newDatabase(await template), { artifactRoot });
  });
});
