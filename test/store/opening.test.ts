import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { isAssayError } from "../../src/core/index.ts";
import { openStore, parseTrackingUri, resolveTrackingUri } from "../../src/store/index.ts";
import { SCHEMA_VERSION } from "../../src/store/sql/migrations/index.ts";
import { refusal } from "./refusal.ts";
import { tempFolder } from "./temp-folder.ts";

function makeDatabase(path: string, ...statements: string[]): void {
  const database = new Database(path);
  for (const statement of statements) database.exec(statement);
  database.close();
}

test("the URI of a PostgreSQL server may name a driver of Python's, as MLflow's do", () => {
  expect(parseTrackingUri("postgresql+psycopg2://u:p@h:5432/db")).toEqual({
    engine: "postgresql",
    uri: "postgresql://u:p@h:5432/db",
  });
});

describe("a store in a file", () => {
  test("is made with its folders, in WAL mode", async () => {
    const path = join(tempFolder(), "deep", "er", "assay.db");
    const store = await openStore(`sqlite:///${path}`);
    expect(store.uri).toBe(`sqlite:///${path}`);
    await store.close();
    const database = new Database(path, { readonly: true });
    expect(database.pragma("journal_mode", { simple: true })).toBe("wal");
    database.close();
  });

  test("is found again with all it held", async () => {
    const uri = `sqlite:///${join(tempFolder(), "assay.db")}`;
    const first = await openStore(uri);
    const made = await first.experiments.createExperiment("kept");
    await first.close();
    const second = await openStore(uri);
    expect(await second.experiments.getExperimentByName("kept")).toEqual(made);
    await second.close();
  });

  test("gives the file back when it is closed, also without a single query", async () => {
    const folder = tempFolder();
    const store = await openStore(`sqlite:///${join(folder, "assay.db")}`);
    await store.close();
    expect(readdirSync(folder)).toEqual(["assay.db"]);
  });

  test("can be opened several times at once", async () => {
    const uri = `sqlite:///${join(tempFolder(), "assay.db")}`;
    const stores = await Promise.all(Array.from({ length: 4 }, () => openStore(uri)));
    await Promise.all(stores.map((store) => store.experiments.ensureExperiment("shared")));
    for (const store of stores) {
      expect(await store.experiments.listExperiments()).toHaveLength(1);
      await store.close();
    }
  });

  test("is opened once nobody locks the file any more", async () => {
    const path = join(tempFolder(), "assay.db");
    const other = new Database(path);
    other.exec("BEGIN EXCLUSIVE");
    const opening = openStore(`sqlite:///${path}`);
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    other.exec("COMMIT");
    other.close();
    await (await opening).close();
  });

  test("is closed behind the writes under way, and refuses later ones", async () => {
    const uri = `sqlite:///${join(tempFolder(), "assay.db")}`;
    const store = await openStore(uri);
    const writing = store.experiments.createExperiment("last");
    await store.close();
    await writing;
    await expect(store.experiments.createExperiment("late")).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("closed"),
    });
    const again = await openStore(uri);
    expect(await again.experiments.listExperiments()).toHaveLength(1);
    await again.close();
  });

  test("keeps files of runs beside the database unless told otherwise", async () => {
    const folder = tempFolder();
    const uri = `sqlite:///${join(folder, "assay.db")}`;
    const beside = await openStore(uri);
    const { artifactLocation } = await beside.experiments.createExperiment("a");
    expect(artifactLocation).toContain(join(folder, ".assay", "artifacts"));
    await beside.close();
    const elsewhere = await openStore(uri, { artifactRoot: join(folder, "files") });
    const other = await elsewhere.experiments.createExperiment("b");
    expect(other.artifactLocation).toContain(join(folder, "files"));
    await elsewhere.close();
  });

  test("takes its times from the clock it is given", async () => {
    const clock = { now: () => 1234, monotonic: () => 0 };
    const store = await openStore("sqlite:///:memory:", { clock, artifactRoot: tempFolder() });
    const { experimentId, creationTime } = await store.experiments.createExperiment("e");
    expect(creationTime).toBe(1234);
    expect((await store.runs.createRun({ experimentId })).startTime).toBe(1234);
    await store.close();
  });
});

describe("a database that is not ours", () => {
  test.each([
    ["another program's", "delete", "CREATE TABLE notes (text)", "another program"],
    ["another program's in WAL mode", "wal", "CREATE TABLE notes (text)", "another program"],
    ["MLflow's", "delete", "CREATE TABLE alembic_version (version_num)", "MLflow"],
    ["one with a table whose name begins with sqlite", "delete", "CREATE TABLE sqlitex (a)", ""],
  ])("%s is refused and left as it was", async (_name, journal, table, owner) => {
    const folder = tempFolder();
    const path = join(folder, "theirs.db");
    makeDatabase(path, `PRAGMA journal_mode = ${journal}`, table);
    const before = readFileSync(path);
    const { code, message } = await refusal(`sqlite:///${path}`);
    expect(code).toBe("configuration");
    expect(message).toContain(path);
    expect(message).toContain(owner);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(["theirs.db"]);
  });

  test("a newer schema is refused with both versions and left as it was", async () => {
    const folder = tempFolder();
    const path = join(folder, "newer.db");
    const newer = SCHEMA_VERSION + 1;
    makeDatabase(
      path,
      "CREATE TABLE assay_schema (version INTEGER NOT NULL)",
      `INSERT INTO assay_schema VALUES (${newer})`,
    );
    const before = readFileSync(path);
    const { code, message } = await refusal(`sqlite:///${path}`);
    expect(code).toBe("configuration");
    expect(message).toContain(`version ${newer}`);
    expect(message).toContain(`up to ${SCHEMA_VERSION}`);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(["newer.db"]);
  });

  test("a file that is no database is refused and left as it was", async () => {
    const path = join(tempFolder(), "notes.txt");
    const text = "no database at all, but long enough to be taken for one".repeat(100);
    writeFileSync(path, text);
    expect((await refusal(`sqlite:///${path}`)).code).toBe("configuration");
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  test("a folder, or a path below a file, is unavailable", async () => {
    const folder = tempFolder();
    mkdirSync(join(folder, "folder"));
    writeFileSync(join(folder, "file"), "");
    expect((await refusal(`sqlite:///${join(folder, "folder")}`)).code).toBe("store-unavailable");
    expect((await refusal(`sqlite:///${join(folder, "file", "a.db")}`)).code).toBe(
      "store-unavailable",
    );
    expect(existsSync(join(folder, "file", "a.db"))).toBe(false);
  });
});

describe("tracking URIs", () => {
  test("three slashes are relative, four absolute", () => {
    expect(parseTrackingUri("sqlite:///a/b.db")).toEqual({ engine: "sqlite", path: "a/b.db" });
    expect(parseTrackingUri("sqlite:////a/b.db")).toEqual({ engine: "sqlite", path: "/a/b.db" });
    expect(parseTrackingUri("sqlite:///:memory:")).toMatchObject({ path: ":memory:" });
  });

  test.each([
    "",
    "assay.db",
    "./mlruns",
    "sqlite://assay.db",
    "sqlite:///",
    "sqlite:///folder/",
    "sqlite:///a.db?mode=ro",
    "file:///tmp/mlruns",
    "mysql://root:hunter2secret@db/x",
    "postgresql://root:hunter2secret@db",
    "postgresql://root:hunter2secret@db:port/x",
    "http://localhost:5000",
  ])("%j is refused without telling its password", (uri) => {
    try {
      parseTrackingUri(uri);
      expect.unreachable();
    } catch (error) {
      if (!isAssayError(error, "configuration")) throw error;
      expect(error.message).toContain("sqlite:///relative.db");
      expect(error.message).not.toContain("hunter2secret");
    }
  });

  test("the one given wins, then ASSAY_TRACKING_URI, then MLflow's, then the default", () => {
    const env = { ASSAY_TRACKING_URI: "sqlite:///a.db", MLFLOW_TRACKING_URI: "sqlite:///m.db" };
    expect(resolveTrackingUri("sqlite:///g.db", env)).toBe("sqlite:///g.db");
    expect(resolveTrackingUri(undefined, env)).toBe("sqlite:///a.db");
    expect(resolveTrackingUri(undefined, { ...env, ASSAY_TRACKING_URI: "" })).toBe(
      "sqlite:///m.db",
    );
    expect(resolveTrackingUri(undefined, {})).toBe("sqlite:///assay.db");
  });
});
