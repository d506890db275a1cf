import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findBinaries, startPostgres } from "./start-postgres.ts";

const binaries = findBinaries();

test.skipIf(!binaries)("a server that was stopped has left no folder behind", async () => {
  const server = await startPostgres(binaries ?? "");
  const folder = readdirSync(tmpdir())
    .map((name) => join(tmpdir(), name))
    .find((path) => existsSync(join(path, `.s.PGSQL.${server.port}`)));
  expect(folder).toBeDefined();
  await server.stop();
  await server.stop();
  expect(existsSync(folder ?? "")).toBe(false);
});
