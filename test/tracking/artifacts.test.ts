import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  activeRun,
  closeStores,
  configure,
  currentStore,
  downloadArtifacts,
  endRun,
  listArtifacts,
  logArtifact,
  logArtifacts,
  logFigure,
  logTable,
  logText,
  setTrackingUri,
  startRun,
  withRun,
} from "../../src/tracking/index.ts";
import { tempFolder } from "../store/temp-folder.ts";

let folder: string;

beforeEach(async () => {
  folder = tempFolder();
  setTrackingUri(`sqlite:///${join(folder, "assay.db")}`);
  await startRun();
});

afterEach(async () => {
  await endRun();
  await closeStores();
});

async function artifacts() {
  const store = await currentStore();
  const run = await store.runs.getRun(activeRun()?.runId ?? "");
  if (run === undefined) throw new Error("Expected an active run");
  return { store: store.artifacts, uri: run.artifactUri, tags: run.tags };
}

async function stored(path: string): Promise<string> {
  const { store, uri } = await artifacts();
  return Buffer.from(await store.read(uri, path)).toString();
}

async function paths(): Promise<string[]> {
  const { store, uri } = await artifacts();
  return (await store.list(uri)).map(({ path }) => path);
}

describe("copying in", () => {
  beforeEach(() => {
    mkdirSync(join(folder, "report", "deep"), { recursive: true });
    writeFileSync(join(folder, "report", "a.txt"), "a");
    writeFileSync(join(folder, "report", "deep", "b.bin"), Buffer.from([0, 255, 13, 10]));
  });

  test("logArtifacts copies what a folder holds, logArtifact the folder itself", async () => {
    await logArtifacts(join(folder, "report"));
    expect(await paths()).toEqual(["a.txt", "deep/b.bin"]);
    await logArtifacts(join(folder, "report"), "into/here");
    await logArtifact(`${join(folder, "report")}/`, "whole");
    expect(await paths()).toEqual([
      "a.txt",
      "deep/b.bin",
      "into/here/a.txt",
      "into/here/deep/b.bin",
      "whole/report/a.txt",
      "whole/report/deep/b.bin",
    ]);
  });

  test("links to files are copied, links to folders are not followed", async () => {
    symlinkSync(join(folder, "report", "a.txt"), join(folder, "report", "file-link"));
    symlinkSync(folder, join(folder, "report", "folder-link"));
    await logArtifacts(join(folder, "report"));
    expect(await paths()).toEqual(["a.txt", "deep/b.bin", "file-link"]);
  });

  test("links to nothing are left out with one warning, and all else is copied", async () => {
    const warnings: string[] = [];
    configure({ logger: { warn: (message) => warnings.push(message) } });
    symlinkSync("./nowhere", join(folder, "report", "dangling"));
    symlinkSync("./circle", join(folder, "report", "deep", "circle"));
    await logArtifacts(join(folder, "report"));
    expect(await paths()).toEqual(["a.txt", "deep/b.bin"]);
    expect(warnings).toEqual([
      `Not logged as artifacts, because they are links to nothing: ${["dangling", "deep/circle"]
        .map((name) => join(folder, "report", name))
        .join(", ")}`,
    ]);
    await expect(logArtifact(join(folder, "report", "dangling"))).rejects.toMatchObject({
      code: "not-found",
    });
  });

  test("the artifacts of a run can be logged again as they lie on disk", async () => {
    await logArtifacts(join(folder, "report"));
    const { uri } = await artifacts();
    await withRun({}, async (run) => {
      await run.logArtifacts(new URL(uri).pathname, "copy");
      const entries = await listArtifacts({ runId: run.runId, folder: "copy" });
      expect(entries.map(({ path }) => path)).toEqual(["copy/a.txt", "copy/deep"]);
    });
  });

  test("what is missing is not found, and no folder can be left", async () => {
    const missing = logArtifacts(join(folder, "missing"));
    await expect(missing).rejects.toMatchObject({ code: "not-found" });
    const outside = logArtifact(join(folder, "report", "a.txt"), "../..");
    await expect(outside).rejects.toMatchObject({ code: "invalid-argument" });
  });
});

describe("copying out", () => {
  beforeEach(async () => {
    await logText("a", "a.txt");
    await logText("b", "deep/er/b.txt");
    await logText("c", "deeper/c.txt");
  });

  test("a file, a folder or everything, under the same path", async () => {
    const to = join(folder, "out");
    expect(await downloadArtifacts({ path: "a.txt", to })).toBe(join(to, "a.txt"));
    expect(readdirSync(to)).toEqual(["a.txt"]);
    expect(await downloadArtifacts({ path: "deep", to })).toBe(join(to, "deep"));
    expect(readFileSync(join(to, "deep", "er", "b.txt"), "utf8")).toBe("b");
    const runId = activeRun()?.runId ?? "";
    expect(await downloadArtifacts({ runId, to })).toBe(to);
    expect(readdirSync(to, { recursive: true }).toSorted()).toEqual([
      "a.txt",
      "deep",
      "deep/er",
      "deep/er/b.txt",
      "deeper",
      "deeper/c.txt",
    ]);
  });

  test("a damaged file is not put in place", async () => {
    const to = join(folder, "out");
    await downloadArtifacts({ path: "a.txt", to });
    const { uri } = await artifacts();
    writeFileSync(new URL(`${uri}/a.txt`), "b");
    await expect(downloadArtifacts({ to })).rejects.toMatchObject({ code: "conflict" });
    expect(readFileSync(join(to, "a.txt"), "utf8")).toBe("a");
    expect(readdirSync(to).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  test("what is missing is not found", async () => {
    const to = join(folder, "out");
    const missing = { code: "not-found" };
    await expect(downloadArtifacts({ path: "x.txt", to })).rejects.toMatchObject(missing);
    await expect(downloadArtifacts({ runId: "x", to })).rejects.toMatchObject(missing);
    await expect(listArtifacts({ runId: "x" })).rejects.toMatchObject(missing);
  });

  test("a folder is listed one level deep", async () => {
    expect(await listArtifacts()).toEqual([
      { path: "a.txt", isFolder: false, size: 1 },
      { path: "deep", isFolder: true },
      { path: "deeper", isFolder: true },
    ]);
    expect(await listArtifacts({ folder: "deeper" })).toEqual([
      { path: "deeper/c.txt", isFolder: false, size: 1 },
    ]);
  });
});

describe("figures", () => {
  const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");

  test.each([
    ["SVG text", "<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg"],
    [
      "SVG behind a prolog",
      '<?xml version="1.0"?>\n<!-- x -->\n<!DOCTYPE svg>\n<svg></svg>',
      "a.svg",
    ],
    ["SVG bytes", Buffer.from("\ufeff<svg/> "), "a.SVG"],
    ["PNG bytes", png, "a.png"],
    ["HTML text", "<!DOCTYPE html><html></html>", "a.html"],
    ["a fragment of HTML", '<div id="plot"></div>', "plots/a.html"],
  ])("%s is stored", async (_, figure, path) => {
    await logFigure(figure, path);
    expect(await stored(path)).toBe(Buffer.from(figure).toString());
  });

  test("an object that draws itself is stored as SVG", async () => {
    await logFigure({ toSVG: () => "<svg>drawn</svg>" }, "a.svg");
    expect(await stored("a.svg")).toBe("<svg>drawn</svg>");
  });

  test.each([
    ["<svg></svg>", "a.png", "got SVG; name it with .svg"],
    [png, "a.svg", "got PNG; name it with .png"],
    [png, "a", "got PNG; name it with .png"],
    ["<svg></svg>", "a.jpg", "got SVG"],
    ["not a figure", "a.svg", "got neither"],
    [Buffer.from("GIF89a"), "a.png", "got neither"],
    [42, "a.svg", "got number"],
    [null, "a.svg", "got null"],
  ])("%s as %s is refused, and the error says what was found", async (figure, path, found) => {
    await expect(logFigure(figure as string, path)).rejects.toMatchObject({
      code: "invalid-argument",
      message: expect.stringContaining(found),
    });
    expect(await paths()).toEqual([]);
  });
});

describe("tables", () => {
  test("may be given by column, as MLflow's log_table takes a dict", async () => {
    await logTable({ q: ["1", "2"], a: [2, 4] }, "table.json");
    await logTable([{ q: "3", a: 6 }], "table.json");
    expect(JSON.parse(await stored("table.json"))).toEqual({
      columns: ["q", "a"],
      data: [
        ["1", 2],
        ["2", 4],
        ["3", 6],
      ],
    });
    await expect(logTable({ q: ["1"], a: [] }, "table.json")).rejects.toThrow(
      "Expected the columns of a table to be of one length, found q 1, a 0",
    );
    await expect(logTable("rows" as never, "table.json")).rejects.toThrow("Expected a table as");
  });

  test("rows are appended, columns added, as MLflow's log_table does", async () => {
    await logTable([{ q: "1", a: 2 }], "table.json");
    await logTable([{ a: 4, extra: true }], "table.json");
    expect(JSON.parse(await stored("table.json"))).toEqual({
      columns: ["q", "a", "extra"],
      data: [
        ["1", 2, null],
        [null, 4, true],
      ],
    });
    await logTable([{ x: 1 }], "other.json");
    const { tags } = await artifacts();
    expect(JSON.parse(tags["mlflow.loggedArtifacts"] ?? "")).toEqual([
      { path: "table.json", type: "table" },
      { path: "other.json", type: "table" },
    ]);
  });

  test("rows logged at once are all kept", async () => {
    const rows = [...Array(20).keys()].map((n) => [n]);
    await Promise.all(rows.map(([n]) => logTable([{ n }], "table.json")));
    expect(JSON.parse(await stored("table.json")).data).toEqual(rows);
  });

  test("a table that another tool wrote is continued, another kind of file is kept", async () => {
    await logText('{"columns": ["a"], "data": [[1]]}', "pandas.json");
    await logTable([{ a: 2 }], "pandas.json");
    expect(JSON.parse(await stored("pandas.json")).data).toEqual([[1], [2]]);
    for (const text of ["no JSON", "[]", "null", '{"columns": ["a"], "data": [[1, 2]]}']) {
      await logText(text, "notes.json");
      await expect(logTable([{ a: 1 }], "notes.json")).rejects.toMatchObject({ code: "conflict" });
      expect(await stored("notes.json")).toBe(text);
    }
    await logTable([{ a: 3 }], "pandas.json");
    expect(JSON.parse(await stored("pandas.json")).data).toEqual([[1], [2], [3]]);
  });

  test("Parquet is refused", async () => {
    await expect(logTable([{ a: 1 }], "table.parquet")).rejects.toMatchObject({
      code: "invalid-argument",
    });
  });
});
