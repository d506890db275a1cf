import { test } from "vitest";
import { workTogether } from "./shared-run.ts";
import { expectOneResult } from "./shared-run-checks.ts";

test("four workers on one SQLite file, one of them killed, come to what one process comes to", async () => {
  expectOneResult(await workTogether());
});
