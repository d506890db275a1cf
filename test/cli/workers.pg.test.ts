import { join } from "node:path";
import { describe, test } from "vitest";
import { openStore } from "../../src/store/index.ts";
import { tempFolder } from "../store/temp-folder.ts";
import { newDatabase, noPostgres } from "../support/postgres.ts";
import { workTogether } from "./shared-run.ts";
import { expectOneResult } from "./shared-run-checks.ts";

describe.skipIf(noPostgres)(`PostgreSQL${noPostgres ? ` (skipped: ${noPostgres})` : ""}`, () => {
  test("four workers, one of them killed, come to what one process comes to", async () => {
    const uri = await newDatabase();
    await (await openStore(uri, { artifactRoot: join(tempFolder(), "files") })).close();
    expectOneResult(await workTogether(uri));
  });
});
