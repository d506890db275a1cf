import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { newDatabase, noPostgres, onServer } from "../support/postgres.ts";
import { newProject, type Project } from "../support/run-cli.ts";
import { startS3Server } from "../support/s3-server.ts";

const SCRIPT = `
import { logText, withRun } from "assay";
await withRun({ name: process.argv[2] }, () => logText("kept", "note.txt"));
`;

/** Each file of the ladder is a version. */
const LATEST = readdirSync(new URL("../../src/store/sql/migrations", import.meta.url)).filter(
  (file) => /^\d{4}-/.test(file),
).length;

let project: Project;

beforeEach(async () => {
  project = newProject();
  project.write("run.mjs", SCRIPT);
});

afterEach(() => project.remove());

async function makeRun(name: string): Promise<string> {
  expect((await project.run(join(project.folder, "run.mjs"), [name])).code).toBe(0);
  const runs = JSON.parse((await project.assay("runs", "list", "--json")).stdout);
  return runs.find((run: { name: string }) => run.name === name).runId;
}

describe("gc", () => {
  test("removes deleted runs with their files, and only those", async () => {
    const kept = await makeRun("kept");
    const gone = await makeRun("gone");
    await project.assay("runs", "delete", gone);
    const files = join(project.folder, ".assay", "artifacts", "0");
    const folders = () => readdirSync(files).filter((name) => !name.startsWith("."));
    expect(folders().sort()).toEqual([kept, gone].sort());

    const dry = await project.assay("gc", "--dry-run");
    expect(dry.stdout).toContain(`would remove run ${gone}`);
    expect(await project.assay("gc", "--older-than", "1d")).toMatchObject({
      code: 0,
      stderr: "nothing to remove\n",
    });
    expect(folders()).toHaveLength(2);

    const { stdout } = await project.assay("gc", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ experiments: [], runs: [{ id: gone }], models: [] });
    expect(folders()).toEqual([kept]);
    expect((await project.assay("runs", "show", gone)).code).toBe(2);
    expect((await project.assay("runs", "show", kept)).code).toBe(0);
  });
});

describe("gc and names", () => {
  test("a name cannot steer the terminal", async () => {
    const gone = await makeRun("evil \u001b[2J\nname");
    await project.assay("runs", "delete", gone);
    const { stdout } = await project.assay("gc");
    expect(stdout).toBe(`removed run ${gone}  evil [2J name\n`);
  });
});

describe("db", () => {
  test("status says what there is and changes nothing; upgrade brings it up to date", async () => {
    const fixture = new URL("../fixtures/databases/v1.db", import.meta.url);
    const path = project.write("assay.db", "");
    writeFileSync(path, readFileSync(fixture));
    const before = readFileSync(path);
    const status = await project.assay("db", "status");
    expect(status.stdout).toMatch(/schema version 1, .*assay db upgrade/);
    expect(readFileSync(path).equals(before)).toBe(true);

    const upgraded = await project.assay("db", "upgrade", "--json");
    expect(JSON.parse(upgraded.stdout)).toMatchObject({ from: 1, to: LATEST });
    expect((await project.assay("db", "upgrade")).stdout).toContain("nothing to do");
    const { stdout } = await project.assay("db", "status", "--json");
    expect(JSON.parse(stdout)).toEqual({
      uri: "sqlite:///assay.db",
      version: LATEST,
      latest: LATEST,
      state: "current",
    });
  });

  test("status of a store that is not there makes none", async () => {
    const { code, stderr } = await project.assay("db", "status");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: There is no database at sqlite:\/\/\/assay\.db\n$/);
    expect(existsSync(join(project.folder, "assay.db"))).toBe(false);
  });

  test.skipIf(noPostgres)("upgrades a PostgreSQL database that is older", async () => {
    const uri = await newDatabase();
    await project.assay("db", "upgrade", "--tracking-uri", uri);
    await onServer("update assay_schema set version = 1", uri);
    const { code, stderr } = await project.assay("runs", "list", "--tracking-uri", uri);
    expect(code).toBe(2);
    expect(stderr).toContain("assay db upgrade");
    expect(stderr).not.toContain(new URL(uri).password);
    const { stdout } = await project.assay("db", "status", "--tracking-uri", uri);
    expect(stdout).toContain("schema version 1");
    expect(stdout).not.toContain(new URL(uri).password);
  });
});

describe("export and import", () => {
  test("take an experiment to another store", async () => {
    const runId = await makeRun("first");
    const exported = await project.assay("export", "Default", "out");
    expect(exported).toMatchObject({
      code: 0,
      stdout: 'exported "Default" to out: 1 runs, 0 results, 0 traces, 1 files\n',
    });
    const other = ["--tracking-uri", "sqlite:///other/assay.db"];
    const imported = await project.assay("import", "out", "--experiment", "copy", ...other);
    expect(imported).toMatchObject({ code: 0, stderr: "" });
    expect(imported.stdout).toMatch(/^imported "copy" as experiment \d+\n$/);
    const shown = await project.assay("runs", "show", runId, ...other);
    expect(shown.stdout).toContain("note.txt");
  });

  test("say in one line what is wrong", async () => {
    await makeRun("first");
    expect((await project.assay("export", "nowhere", "out")).stderr).toMatch(
      /^error: No experiment/,
    );
    await project.assay("export", "Default", "out");
    expect((await project.assay("export", "Default", "out")).stderr).toMatch(/^error: .*not empty/);
    expect((await project.assay("import", "out")).stderr).toMatch(/^error: .*already/);
    expect(await project.assay("import", "nothing")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error: .*manifest\.json\n$/),
    });
  });
});

test("import of a folder that is none makes no store", async () => {
  expect((await project.assay("import", "nothing")).code).toBe(2);
  expect(existsSync(join(project.folder, "assay.db"))).toBe(false);
});

describe("doctor", () => {
  test("finds a healthy store, the packages and which keys are set, never their values", async () => {
    await makeRun("first");
    project.env = { OPENAI_API_KEY: "sk-very-secret-value-1234567890" };
    const { code, stdout } = await project.assay("doctor");
    expect(code).toBe(0);
    expect(stdout).toMatch(/ok +tracking store +sqlite:\/\/\/assay\.db: schema version/);
    expect(stdout).toContain(`sqlite:///assay.db: schema version ${LATEST}, up to date`);
    expect(stdout).toMatch(/ok +OPENAI_API_KEY +set/);
    expect(stdout).toMatch(/free disk +[\d.]+ GiB/);
    expect(stdout).toMatch(/openai +\d+\.\d+/);
    expect(stdout).not.toContain("very-secret");
  });

  test("says what is wrong with a store and exits 2", async () => {
    new Database(join(project.folder, "mlflow.db"))
      .exec("CREATE TABLE alembic_version (v)")
      .close();
    const { code, stdout } = await project.assay(
      "doctor",
      "--tracking-uri",
      "sqlite:///mlflow.db",
      "--json",
    );
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toContainEqual({
      check: "tracking store",
      state: "failure",
      detail: expect.stringContaining("MLflow"),
    });
    const away = await project.assay(
      "doctor",
      "--tracking-uri",
      "postgresql://assay:hunter2secret@127.0.0.1:1/x",
    );
    expect(away.code).toBe(2);
    expect(away.stdout).toMatch(/FAIL +tracking store .*cannot be reached/);
    expect(away.stdout).not.toContain("hunter2secret");
  });

  test("finds what keeps a store from being opened or written, whatever it is", async () => {
    const uri = "postgresql://assay@127.0.0.1:1/x?sslrootcert=/nonexistent";
    const noCertificate = await project.assay("doctor", "--tracking-uri", uri);
    expect([noCertificate.code, noCertificate.stderr]).toEqual([2, ""]);
    expect(noCertificate.stdout).toMatch(/FAIL +tracking store .*ENOENT.*nonexistent/);
    project.write("file.txt", "");
    const inFile = await project.assay("doctor", "--tracking-uri", "sqlite:///file.txt/assay.db");
    expect(inFile.code).toBe(2);
    expect(inFile.stdout).toMatch(/FAIL +store's folder +.*file\.txt cannot be written/);
  });

  test("asks the bucket of an artifact root for one object at most", async () => {
    const server = await startS3Server();
    project.env = { ...server.env, ASSAY_ARTIFACT_ROOT: "s3://bucket/team" };
    const { code, stdout } = await project.assay("doctor");
    expect(code).toBe(0);
    expect(stdout).toMatch(/ok +artifact root +s3:\/\/bucket\/team can be listed/);
    const asked = server.requests.map(({ method, query }) => [method, query.get("max-keys")]);
    expect(asked).toEqual([["GET", "1"]]);
    await server.close();
  });

  test.each([
    ["s3://other/team", {}, "Cannot list s3://other/team: the bucket does not exist"],
    ["s3://bucket", { AWS_ACCESS_KEY_ID: "unknown-id" }, "the access key is not known"],
    ["s3://bucket", { AWS_ENDPOINT_URL_S3: "http://127.0.0.1:1" }, "the server cannot be reached"],
    ["s3://ann:hunter2secret@bucket", {}, "has a user or password"],
    ["gs://bucket", {}, 'No artifact store for "gs:"'],
  ])("says why files cannot be kept at %s with %j", async (root, env, reason) => {
    const server = await startS3Server();
    project.env = { ...server.env, ASSAY_ARTIFACT_ROOT: root, ...env };
    const { code, stdout, stderr } = await project.assay("doctor", "--json");
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toContainEqual({
      check: "artifact root",
      state: "failure",
      detail: expect.stringContaining(reason),
    });
    for (const secret of ["secret-key-of-the-test", "hunter2secret"]) {
      expect(stdout + stderr).not.toContain(secret);
    }
    await server.close();
  });

  test("a bucket that is away ends export and gc with one line and exit 2", async () => {
    const server = await startS3Server();
    project.env = { ...server.env, ASSAY_ARTIFACT_ROOT: "s3://bucket/runs" };
    const runId = await makeRun("first");
    expect((await project.assay("runs", "delete", runId)).code).toBe(0);
    await makeRun("second");
    await server.close();
    for (const command of [["export", "Default", "folder"], ["gc"]]) {
      const { code, stderr } = await project.assay(...command);
      expect([command[0], code]).toEqual([command[0], 2]);
      expect(stderr).toMatch(/^error: [^\n]*cannot be reached[^\n]*\n$/);
    }
  });

  test("looks at the disk of an artifact root given as a URL", async () => {
    const folder = realpathSync(project.folder);
    project.env = { ASSAY_ARTIFACT_ROOT: `file://${folder}/with%20space` };
    project.write("with space/x", "");
    expect((await project.assay("doctor")).stdout).toContain(`GiB at ${folder}/with space`);
  });
});
