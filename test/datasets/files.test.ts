import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openSource } from "../../src/datasets/index.ts";
import { tempFolder } from "../store/temp-folder.ts";
import { inputsOf, readFileRows, readRows } from "./read-rows.ts";

const QUESTIONS = [{ question: "Why?" }, { question: "How?" }];

describe("a JSON Lines file", () => {
  test.each([
    ["ends with a newline", '{"question":"Why?"}\n{"question":"How?"}\n'],
    ["ends without a newline", '{"question":"Why?"}\n{"question":"How?"}'],
    ["has blank lines", '\n{"question":"Why?"}\n\n   \n{"question":"How?"}\n\n'],
    ["has CRLF line ends", '{"question":"Why?"}\r\n\r\n{"question":"How?"}\r\n'],
    ["begins with a byte order mark", '\uFEFF{"question":"Why?"}\n{"question":"How?"}\n'],
  ])("is read where it %s", async (_, content) => {
    expect(inputsOf(await readFileRows("q.jsonl", content))).toEqual(QUESTIONS);
    expect(inputsOf(await readFileRows("q.ndjson", content))).toEqual(QUESTIONS);
  });

  test("keeps letters of all kinds, also those that other programs take for line ends", async () => {
    const texts = ["naïve 質問 🙂", "a\u2028b\u2029c\u0085d", "👩‍👩‍👧".repeat(30_000)];
    const content = texts.map((question) => JSON.stringify({ question })).join("\n");
    expect(inputsOf(await readFileRows("q.jsonl", content))).toEqual(
      texts.map((question) => ({ question })),
    );
  });

  test("keeps integers that a number would round as they are written", async () => {
    const content =
      '{"id":12345678901234567890,"n":[12345678901234567891],"m":1234567890123456,"x":1e20}\n' +
      '{"id":12345678901234567891,"n":[-9007199254740993],"m":0.12345678901234567,"x":1}\n';
    expect(await readFileRows("q.jsonl", content)).toMatchObject([
      {
        rowKey: "12345678901234567890",
        inputs: { n: ["12345678901234567891"], m: 1234567890123456, x: 1e20 },
      },
      {
        rowKey: "12345678901234567891",
        inputs: { n: ["-9007199254740993"], m: 0.12345678901234566, x: 1 },
      },
    ]);
  });

  test.each(["NaN", "Infinity", "-Infinity"])("says that JSON has no %s", async (name) => {
    await expect(readFileRows("q.jsonl", `{"q":"a","n": ${name}}`)).rejects.toMatchObject({
      message: `q.jsonl line 1: expected a JSON object, found ${name}, which JSON does not have; write null`,
    });
  });

  test("names the line that is malformed, and quotes nothing of it", async () => {
    const reading = readFileRows("q.jsonl", '{"question":"Why?"}\n\n{"secret": oops}\n');
    await expect(reading).rejects.toMatchObject({
      code: "invalid-argument",
      message: "q.jsonl line 3: expected a JSON object, found malformed JSON",
    });
    await expect(reading).rejects.not.toHaveProperty("cause");
  });

  test.each([
    ["[1]", "an array"],
    ["null", "null"],
    ['"text"', "a string"],
    ["3", "a number"],
  ])("refuses the line %s", async (line, found) => {
    await expect(readFileRows("q.jsonl", `{"a":1}\n${line}\n`)).rejects.toMatchObject({
      code: "invalid-argument",
      message: `q.jsonl line 2: expected a JSON object, found ${found}`,
    });
  });

  test("in another encoding than UTF-8 is refused instead of mangled", async () => {
    const latin1 = Buffer.from('{"question":"caf\u00e9"}', "latin1");
    await expect(readFileRows("q.jsonl", latin1)).rejects.toMatchObject({
      code: "invalid-argument",
      message: "q.jsonl line 1: expected text encoded in UTF-8",
    });
  });
});

describe("a JSON file", () => {
  test("holds one array of rows", async () => {
    const content = `\uFEFF${JSON.stringify(QUESTIONS)}`;
    expect(inputsOf(await readFileRows("q.json", content))).toEqual(QUESTIONS);
  });

  test.each([
    ['[{"a":1}', "q.json: the array is not closed, its row 1 is the last: the file is cut off"],
    ['{"a":1}', "q.json: expected a JSON array of rows"],
    ['[{"a":1},[]]', "q.json row 2: expected a JSON object, found an array"],
  ])("with %s is refused", async (content, message) => {
    await expect(readFileRows("q.json", content)).rejects.toMatchObject({
      code: "invalid-argument",
      message,
    });
  });
});

describe("data that is not there", () => {
  test("is named: a missing file, a folder, an unknown kind, a path without a name", async () => {
    const folder = tempFolder();
    mkdirSync(join(folder, "rows.jsonl"));
    writeFileSync(join(folder, "rows.xlsx"), "");
    const open = (path: string) => openSource(path, { baseDir: folder });
    const fails = (message: string) => ({ code: "invalid-argument", message });
    await expect(open("none.jsonl")).rejects.toMatchObject(fails('No data file at "none.jsonl"'));
    await expect(open("")).rejects.toMatchObject(fails('No data file at ""'));
    await expect(open("rows.jsonl")).rejects.toMatchObject(fails("rows.jsonl is not a file"));
    await expect(open("rows.xlsx")).rejects.toMatchObject(
      fails(
        "Cannot read rows.xlsx as data. Expected a .jsonl, .json, .csv, .tsv or .parquet file, or one of them with .gz",
      ),
    );
  });

  test.each(["q.jsonl", "q.json", "q.csv", "q.tsv"])(
    "is an error: %s without rows",
    async (name) => {
      const nothing = name === "q.json" ? "[]" : name === "q.jsonl" ? "\n\n" : "a\n\n";
      await expect(readFileRows(name, nothing)).rejects.toMatchObject({
        code: "invalid-argument",
        message: `${name} holds no rows`,
      });
    },
  );

  test("is looked for from the base folder, and an absolute path from the root", async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, "q.jsonl"), '{"question":"Why?"}');
    expect(await readRows("q.jsonl", { baseDir: folder })).toHaveLength(1);
    expect(await readRows(join(folder, "q.jsonl"), { baseDir: "/nowhere" })).toHaveLength(1);
  });
});
