import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, test } from "vitest";
import { LocalArtifactStore } from "../../../src/store/artifacts/index.ts";
import { startProgram } from "../child-program.ts";
import { tempFolder } from "../temp-folder.ts";

const store = new LocalArtifactStore();
let root: string;

beforeEach(() => {
  root = join(tempFolder(), "run");
});

const text = async (path: string) => Buffer.from(await store.read(root, path)).toString();
const paths = async () => (await store.list(root)).map(({ path }) => path);
const partials = () => readdirSync(join(root, ".assay-meta", "partial"));
const records = (path: string) => readdirSync(join(root, ".assay-meta", "sha256", path));

describe("damage", () => {
  test("a changed byte is an error that says what to do, not a content", async () => {
    await store.write(root, "a.txt", "hello");
    writeFileSync(join(root, "a.txt"), "hallo");
    await expect(store.read(root, "a.txt")).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/damaged.*write it again.*\.assay-meta\/sha256\/a\.txt/),
    });
    const { content } = await store.stream(root, "a.txt");
    await expect(content.toArray()).rejects.toMatchObject({ code: "conflict" });
    await store.write(root, "a.txt", "again");
    expect(await text("a.txt")).toBe("again");
  });

  test("a file that lost its end is damaged, a range of it is not looked at", async () => {
    await store.write(root, "a.txt", "hello");
    writeFileSync(join(root, "a.txt"), "hell");
    await expect(store.read(root, "a.txt")).rejects.toMatchObject({ code: "conflict" });
    const { content } = await store.stream(root, "a.txt", { start: 0, end: 2 });
    expect(Buffer.concat(await content.toArray()).toString()).toBe("he");
  });

  test("a file of another tool has no checksum and reads fine", async () => {
    mkdirSync(join(root, "model"), { recursive: true });
    writeFileSync(join(root, "model", "MLmodel"), "flavors: {}");
    expect(await text("model/MLmodel")).toBe("flavors: {}");
    expect(await paths()).toEqual(["model/MLmodel"]);
  });

  test("one checksum is kept per file, however often it is written", async () => {
    for (const version of ["1", "2", "3"]) await store.write(root, "a.txt", version);
    expect(records("a.txt")).toHaveLength(1);
    expect(partials()).toEqual([]);
    await store.delete(root, "a.txt");
    expect(records("a.txt")).toEqual([]);
    writeFileSync(join(root, "a.txt"), "of another tool");
    expect(await text("a.txt")).toBe("of another tool");
  });

  test("a folder that was moved takes its checksums along", async () => {
    await store.write(root, "sub/a.txt", "hello");
    expect(Buffer.from(await store.read(join(root, "sub"), "a.txt")).toString()).toBe("hello");
    writeFileSync(join(root, "sub", "a.txt"), "hallo");
    await expect(store.read(join(root, "sub"), "a.txt")).rejects.toMatchObject({
      code: "conflict",
    });
  });
});

describe("a process that is killed", () => {
  test("while it writes, leaves the old file whole and nothing to see", async () => {
    await store.write(root, "a.txt", "old");
    const program = startProgram("../artifacts/programs/write-part.ts", root, "a.txt");
    for await (const line of program.lines) if (line === "begun") program.kill("SIGKILL");
    await program.ended;
    expect(await text("a.txt")).toBe("old");
    expect(await store.listFolder(root)).toEqual([{ path: "a.txt", isFolder: false, size: 3 }]);
    expect(partials()).toHaveLength(1);

    await store.write(root, "a.txt", "new");
    expect(await text("a.txt")).toBe("new");
    // Its writer could still live.
    expect(partials()).toHaveLength(1);
    const long = new Date(Date.now() - 25 * 60 * 60 * 1000);
    utimesSync(join(root, ".assay-meta", "partial", partials()[0] ?? ""), long, long);
    await store.write(root, "a.txt", "newer");
    expect(partials()).toEqual([]);
  });

  test.each([1, 2, 3, 5, 8, 13])("after %d overwrites, is no false alarm", async (overwrites) => {
    const program = startProgram("../artifacts/programs/write-forever.ts", root, "a.txt");
    let seen = 0;
    for await (const _ of program.lines) if (++seen === overwrites) program.kill("SIGKILL");
    await program.ended;
    expect(await text("a.txt")).toMatch(/^([a-h])\1{99999}$/);
    expect(await paths()).toEqual(["a.txt"]);
    await store.write(root, "a.txt", "after");
    expect(await text("a.txt")).toBe("after");
  });
});

test("processes that write and delete one file at once: one wins whole, and none alarms", async () => {
  const programs = ["1", "2"].map(() =>
    startProgram("../artifacts/programs/write-forever.ts", root, "a.txt"),
  );
  for await (const _ of programs[0]?.lines ?? []) break;
  for (let turn = 0; turn < 300; turn++) {
    const read = await text("a.txt").catch((error: { code: string }) => error.code);
    expect(read).toMatch(/^(([a-h])\2{99999}|not-found)$/);
    if (turn % 10 === 0) await store.delete(root, "a.txt");
  }
  for (const program of programs) program.kill("SIGKILL");
  await Promise.all(programs.map(({ ended }) => ended));
  await store.write(root, "a.txt", "last");
  expect(await text("a.txt")).toBe("last");
  expect(await paths()).toEqual(["a.txt"]);
});

test("many writers of one file in one process leave one content with one checksum", async () => {
  const versions = [..."abcdefghij"].map((letter) => letter.repeat(10_000));
  await Promise.all(versions.map((version) => store.write(root, "a.txt", version)));
  expect(versions).toContain(await text("a.txt"));
  await store.write(root, "a.txt", "last");
  expect(records("a.txt")).toHaveLength(1);
});

test("a disk that takes no more leaves the old file whole, and the error says why", async () => {
  await store.write(root, "a.txt", "old");
  const program = fileURLToPath(new URL("programs/write-much.ts", import.meta.url));
  // No file may grow beyond 1 MB: a full disk without filling one.
  const script = 'ulimit -f 1000; exec "$0" "$@"';
  const args = ["-c", script, process.execPath, program, root, "a.txt"];
  const outcome = execFileSync("bash", args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  expect(outcome).toMatch(/^unavailable: Cannot write artifact a\.txt .*\(EFBIG\)/);
  expect(await text("a.txt")).toBe("old");
  expect(partials()).toEqual([]);
});

describe("symbolic links", () => {
  let outside: string;
  beforeEach(() => {
    outside = tempFolder();
    writeFileSync(join(outside, "secret.txt"), "secret");
    mkdirSync(join(root, "real"), { recursive: true });
  });

  test("that lead out of the folder are refused", async () => {
    symlinkSync(outside, join(root, "link"));
    symlinkSync(join(outside, "secret.txt"), join(root, "file.txt"));
    symlinkSync("/", join(root, "real", "up"));
    const refused = { code: "invalid-argument", message: expect.stringContaining("symbolic link") };
    for (const path of ["link/secret.txt", "file.txt", `real/up${outside}/secret.txt`]) {
      await expect(store.read(root, path)).rejects.toMatchObject(refused);
    }
    await expect(store.write(root, "link/new.txt", "x")).rejects.toMatchObject(refused);
    await expect(store.write(root, "real/up/new.txt", "x")).rejects.toMatchObject(refused);
    await expect(store.delete(root, "link/secret.txt")).rejects.toMatchObject(refused);
    await expect(store.list(root, "link")).rejects.toMatchObject(refused);
    expect(await paths()).toEqual([]);
    expect(readdirSync(outside)).toEqual(["secret.txt"]);
  });

  test("are replaced and deleted themselves, not what they lead to", async () => {
    symlinkSync(join(outside, "secret.txt"), join(root, "file.txt"));
    await store.write(root, "file.txt", "mine");
    expect(await text("file.txt")).toBe("mine");
    symlinkSync(outside, join(root, "link"));
    await store.delete(root, "link");
    await store.delete(root);
    expect(readFileSync(join(outside, "secret.txt"), "utf8")).toBe("secret");
  });

  test("that stay inside, and those above the folder, are followed", async () => {
    await store.write(root, "real/a.txt", "here");
    symlinkSync(join(root, "real"), join(root, "alias"));
    expect(await text("alias/a.txt")).toBe("here");
    symlinkSync(root, `${outside}/root`);
    expect(Buffer.from(await store.read(`${outside}/root`, "real/a.txt")).toString()).toBe("here");
  });
});

test("a file cannot take the place of a folder, nor a folder that of a file", async () => {
  await store.write(root, "folder/file.txt", "x");
  await expect(store.write(root, "folder", "x")).rejects.toMatchObject({ code: "unavailable" });
  const inside = store.write(root, "folder/file.txt/deeper", "x");
  await expect(inside).rejects.toMatchObject({ code: "unavailable" });
  expect(await store.list(root)).toEqual([{ path: "folder/file.txt", size: 1 }]);
  expect(await text("folder/file.txt")).toBe("x");
});

test("the whole file system cannot be deleted", async () => {
  await expect(store.delete("file:///")).rejects.toMatchObject({ code: "invalid-argument" });
  await expect(store.delete("/")).rejects.toMatchObject({ code: "invalid-argument" });
});
