import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { openStore } from "../../src/store/index.ts";
import { POSTGRES_TYPES } from "../../src/store/sql/migrations/column-types.ts";
import { MIGRATIONS, SCHEMA_VERSION } from "../../src/store/sql/migrations/index.ts";
import { newDatabase, noPostgres, onServer, serverUri } from "../support/postgres.ts";
import { lineTo } from "../support/postgres-line.ts";
import { outputOf, startProgram } from "./child-program.ts";
import { refusal } from "./refusal.ts";

function changed(uri: string, change: (url: URL) => void): string {
  const url = new URL(uri);
  change(url);
  return url.href;
}

const versionOf = async (uri: string) =>
  (await onServer("select version from assay_schema", uri)).rows.map(({ version }) =>
    Number(version),
  );

describe.skipIf(noPostgres)(`PostgreSQL${noPostgres ? ` (skipped: ${noPostgres})` : ""}`, () => {
  test("an empty database is set up when it is first opened, and found again", async () => {
    const uri = await newDatabase();
    const first = await openStore(uri);
    const made = await first.experiments.createExperiment("kept");
    await first.close();
    const second = await openStore(uri);
    expect(await second.experiments.getExperimentByName("kept")).toEqual(made);
    await second.close();
    expect(await versionOf(uri)).toEqual([SCHEMA_VERSION]);
  });

  test("a database whose server cuts the first connections is opened all the same", async () => {
    const line = await lineTo(await newDatabase());
    line.cut(3);
    const store = await openStore(line.uri);
    expect((await store.experiments.createExperiment("kept")).name).toBe("kept");
    await store.close();
    line.cut(100);
    expect(await refusal(line.uri)).toMatchObject({
      code: "store-unavailable",
      message: expect.stringContaining("cannot be reached"),
    });
  });

  test("several processes that open an empty database at once set it up once", async () => {
    const uri = await newDatabase();
    const programs = Array.from({ length: 4 }, () => startProgram("open.ts", uri));
    const ids = (await Promise.all(programs.map(outputOf))).flat();
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(1);
    expect(await versionOf(uri)).toEqual([SCHEMA_VERSION]);
  });

  test("a database of MLflow is refused and left as it is", async () => {
    const uri = await newDatabase();
    await onServer("create table alembic_version (version_num varchar(32))", uri);
    expect(await refusal(uri)).toMatchObject({
      code: "configuration",
      message: expect.stringContaining("MLflow"),
    });
    const { rows } = await onServer(
      "select tablename from pg_tables where schemaname = 'public'",
      uri,
    );
    expect(rows).toEqual([{ tablename: "alembic_version" }]);
  });

  test("an older schema is not upgraded by itself, because others may be writing", async () => {
    const uri = await newDatabase();
    await onServer("create table assay_schema (version bigint not null)", uri);
    await onServer("insert into assay_schema values (1)", uri);
    await onServer(MIGRATIONS[0]?.(POSTGRES_TYPES) ?? "", uri);
    const { code, message } = await refusal(uri);
    expect(code).toBe("configuration");
    expect(message).toContain("assay db upgrade");
    expect(await versionOf(uri)).toEqual([1]);
  });

  test("a newer schema is refused and left as it is", async () => {
    const uri = await newDatabase();
    await onServer("create table assay_schema (version bigint not null)", uri);
    await onServer("insert into assay_schema values (999)", uri);
    expect(await refusal(uri)).toMatchObject({
      code: "configuration",
      message: expect.stringMatching(/version 999.*Upgrade the assay package/),
    });
    expect(await versionOf(uri)).toEqual([999]);
  });

  test("a wrong password, user or database is one clear line without the password", async () => {
    const secret = "hunter2secret";
    const wrong = [
      changed(serverUri(), (url) => {
        url.password = secret;
      }),
      changed(serverUri(), (url) => {
        url.username = "nobody";
        url.password = secret;
      }),
    ];
    for (const uri of wrong) {
      const { code, message } = await refusal(uri);
      expect(code).toBe("configuration");
      expect(message).toMatch(/refused the user or password of postgresql:\/\/.*@127\.0\.0\.1/);
      expect(message).not.toContain(secret);
    }
    const { password } = new URL(serverUri());
    const missing = await refusal(
      changed(serverUri(), (url) => {
        url.pathname = "nowhere";
      }),
    );
    expect(missing.code).toBe("configuration");
    expect(missing.message).toContain("no database");
    expect(missing.message).not.toContain(password);
  });

  test("a server that is not there or hangs up is unavailable", async () => {
    const hangingUp = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => hangingUp.listen(0, "127.0.0.1", resolve));
    const address = hangingUp.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const uri = `postgresql://assay:hunter2secret@127.0.0.1:${port}/x`;
    const expected = { code: "store-unavailable", message: expect.stringContaining("127.0.0.1") };
    expect(await refusal(uri)).toMatchObject(expected);
    await new Promise((resolve) => hangingUp.close(resolve));
    const { message } = await refusal(uri);
    expect(message).not.toContain("hunter2secret");
    expect(await refusal(uri)).toMatchObject(expected);
  });

  test("a connection that the server ends is replaced", async () => {
    const uri = await newDatabase();
    const store = await openStore(uri);
    await store.experiments.createExperiment("before");
    const name = new URL(uri).pathname.slice(1);
    await onServer(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
    );
    // The first query may still get the connection that has just been ended.
    await store.experiments.listExperiments().catch(() => undefined);
    await store.experiments.createExperiment("after");
    const names = (await store.experiments.listExperiments()).map((one) => one.name);
    expect(names.sort()).toEqual(["after", "before"]);
    await store.close();
  });
});
