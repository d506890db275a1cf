import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { JsonValue, ScrubberOptions } from "../../src/core/index.ts";
import {
  type ActiveRun,
  closeStores,
  configure,
  currentStore,
  endRun,
  getRun,
  setExperiment,
  setTrackingUri,
  startRun,
  withRun,
} from "../../src/tracking/index.ts";
import { tempFolder } from "../store/temp-folder.ts";

// Not a key: it only has the shape of one.
const SECRET = `sk-${"fake".repeat(8)}`;

const withoutBob = (value: JsonValue) =>
  JSON.parse(JSON.stringify(value).replaceAll("Bob", "[name]")) as JsonValue;

beforeEach(() => {
  setTrackingUri(`sqlite:///${join(tempFolder(), "assay.db")}`);
  setExperiment("tests");
});

afterEach(async () => {
  await closeStores();
  configure({ redact: "secrets", mask: (value) => value });
});

async function fileOf(run: ActiveRun, path: string): Promise<string> {
  const { artifactUri = "" } = (await getRun(run.runId)) ?? {};
  const store = await currentStore();
  return Buffer.from(await store.artifacts.read(artifactUri, path)).toString();
}

test("a mask goes over everything that people write, once, and secrets are masked behind it", async () => {
  configure({ mask: withoutBob });
  const run = await withRun({ name: "r", description: "by Bob" }, async (active) => {
    await active.logText(`Bob ${SECRET}`, "text.txt");
    await active.logDict({ who: "Bob" }, "dict.json");
    await active.logTable([{ who: "Bob" }], "table.json");
    await active.logTable([{ who: "Bob" }], "table.json");
    await active.logFigure("<svg><text>Bob</text></svg>", "figure.svg");
    await active.logParam("who", "Bob");
    return active;
  });
  expect(await fileOf(run, "text.txt")).toBe("[name] [redacted]");
  for (const path of ["dict.json", "table.json", "figure.svg"]) {
    const content = await fileOf(run, path);
    expect(content).toContain("[name]");
    expect(content).not.toContain("Bob");
  }
  const { tags, params } = (await getRun(run.runId)) ?? {};
  expect([tags?.["mlflow.note.content"], params?.who]).toEqual(["by [name]", "[name]"]);
});

test("what is configured stays until it is configured otherwise", async () => {
  configure({ mask: withoutBob });
  configure({ redact: "off" });
  const run = await withRun({}, async (active) => {
    await active.logParam("who", `Bob ${SECRET}`);
    return active;
  });
  expect((await getRun(run.runId))?.params.who).toBe(`[name] ${SECRET}`);
});

test.each([[{ redact: true }], [{ redact: "Off" }], [{ redact: null }], [{ mask: 5 }]])(
  "%j is refused: nothing may be stored in clear by mistake",
  (options) => {
    expect(() => configure(options as unknown as ScrubberOptions)).toThrow(
      /Expected `(redact|mask)`/,
    );
  },
);

test("a status that is none leaves the run active", async () => {
  const run = await startRun();
  await expect(endRun("DONE" as "FAILED")).rejects.toMatchObject({ code: "invalid-argument" });
  await endRun("FAILED");
  expect((await getRun(run.runId))?.status).toBe("FAILED");
});

test("an object is no param", async () => {
  await withRun({}, async (run) => {
    const object = { a: 1 } as unknown as string;
    await expect(run.logParam("o", object)).rejects.toMatchObject({ code: "invalid-argument" });
  });
});
