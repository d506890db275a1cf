import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readStdin } from "../../src/datasets/data-file.ts";
import { openSource } from "../../src/datasets/index.ts";
import { tempFolder } from "../store/temp-folder.ts";
import { inputsOf, readFileRows, readRows } from "./read-rows.ts";

const QUESTIONS = [{ question: "Wäs?" }, { question: "How?" }];
const CONTENTS = {
  jsonl: QUESTIONS.map((row) => JSON.stringify(row)).join("\n"),
  json: JSON.stringify(QUESTIONS, null, 2),
  csv: "question\nWäs?\nHow?\n",
  tsv: "question\tn\nWäs?\t\nHow?\t\n",
};
const FORMATS = Object.entries(CONTENTS);

describe("gzip", () => {
  test.each(FORMATS)("of a .%s file is read, named .gz or not", async (format, content) => {
    const bytes = gzipSync(content);
    expect(inputsOf(await readFileRows(`q.${format}.gz`, bytes))).toEqual(QUESTIONS);
    expect(inputsOf(await readFileRows(`q.${format}`, bytes))).toEqual(QUESTIONS);
  });

  test("may be several files behind one another, as cat makes them", async () => {
    const bytes = QUESTIONS.map((row) => gzipSync(`${JSON.stringify(row)}\n`));
    expect(inputsOf(await readFileRows("q.jsonl.gz", Buffer.concat(bytes)))).toEqual(QUESTIONS);
  });

  test("that is cut off or damaged says so, and in which line of the text", async () => {
    const lines = Array.from({ length: 60_000 }, (_, i) =>
      JSON.stringify({ question: `${i} ${i * i}` }),
    );
    const whole = gzipSync(`${lines.join("\n")}\n`);
    await expect(
      readFileRows("q.jsonl.gz", whole.subarray(0, whole.length - 12)),
    ).rejects.toMatchObject({
      code: "invalid-argument",
      message: expect.stringMatching(
        /^q\.jsonl\.gz line \d{5}: the gzip data ends too early: the file is cut off$/,
      ),
    });
    const damaged = Buffer.from(whole);
    damaged.fill(0xff, 200, 400);
    await expect(readFileRows("q.jsonl.gz", damaged)).rejects.toThrow(
      /^q\.jsonl\.gz( line \d+)?: the gzip data is damaged \(Z_DATA_ERROR\)$/,
    );
    await expect(readFileRows("q.csv.gz", gzipSync(CONTENTS.csv).subarray(0, 12))).rejects.toThrow(
      "q.csv.gz: the gzip data ends too early: the file is cut off",
    );
  });

  test("is demanded by .gz", async () => {
    await expect(readFileRows("q.jsonl.gz", CONTENTS.jsonl)).rejects.toThrow(
      "q.jsonl.gz: expected gzip data, found something else",
    );
    await expect(readFileRows("q.gz", gzipSync(CONTENTS.jsonl))).rejects.toThrow(
      "Cannot read q.gz as data.",
    );
  });
});

describe("an encoding other than UTF-8", () => {
  test.each(["q.jsonl", "q.json", "q.csv"])("is refused in %s with the way out", async (name) => {
    const text = name === "q.csv" ? CONTENTS.csv : '[{"a":1}]';
    const little = Buffer.from(text, "utf16le");
    const big = Buffer.from(little).swap16();
    const marked = Buffer.concat([Buffer.from([0xff, 0xfe]), little]);
    for (const bytes of [little, big, marked, Buffer.from(marked).swap16()]) {
      await expect(readFileRows(name, bytes)).rejects.toMatchObject({
        code: "invalid-argument",
        message: `${name}: is encoded in UTF-16; save it as UTF-8`,
      });
    }
  });

  test("is named with the line that shows it, also far behind and at the end", async () => {
    const filler = `{"q":"${"ü".repeat(50)}"}\n`.repeat(9999);
    const latin1 = Buffer.from('{"q":"caf\u00e9"}\n', "latin1");
    for (const more of [Buffer.from(filler), Buffer.alloc(0)]) {
      const bytes = Buffer.concat([Buffer.from(filler), latin1, more]);
      await expect(readFileRows("q.jsonl", bytes)).rejects.toThrow(
        "q.jsonl line 10000: expected text encoded in UTF-8",
      );
    }
    const long = Buffer.from(`{"q":"${"x".repeat(100_000)}\xff"}\n{"q":1}\n{"q":2}\n`, "latin1");
    const bytes = Buffer.concat([Buffer.from('{"q":0}\n'), long]);
    await expect(readFileRows("q.jsonl", bytes)).rejects.toThrow(
      "q.jsonl line 2: expected text encoded in UTF-8",
    );
    const cut = Buffer.from('{"q":"ü"}').subarray(0, 7);
    await expect(readFileRows("q.jsonl", cut)).rejects.toThrow(
      "q.jsonl line 1: expected text encoded in UTF-8",
    );
  });
});

describe("standard input", () => {
  async function rowsOf(...chunks: (string | Uint8Array)[]) {
    const rows = [];
    for await (const portion of readStdin(Readable.from(chunks, { objectMode: true }))) {
      for (const { record } of portion) rows.push(record);
    }
    return rows;
  }

  test.each(FORMATS)(
    "is recognised as %s, plain or gzip, in whatever pieces",
    async (_, content) => {
      const bytes = Buffer.from(content);
      expect(await rowsOf(bytes)).toEqual(QUESTIONS);
      expect(await rowsOf(...Array.from(bytes, (_byte, at) => bytes.subarray(at, at + 1)))).toEqual(
        QUESTIONS,
      );
      expect(await rowsOf(gzipSync(bytes))).toEqual(QUESTIONS);
      expect(await rowsOf("\uFEFF", bytes)).toEqual(QUESTIONS);
    },
  );

  test("is recognised as Parquet", async () => {
    const file = new URL("../fixtures/parquet/snappy.parquet", import.meta.url);
    expect(await rowsOf(readFileSync(file))).toHaveLength(5);
  });

  test("names line and row of what is broken", async () => {
    await expect(rowsOf('{"a":1}\n{"b"\n')).rejects.toThrow(
      "stdin line 2: expected a JSON object, found malformed JSON",
    );
    expect(await rowsOf()).toEqual([]);
  });
});

test("a row of 10 MB is read from every kind of text", async () => {
  const large = "ü".repeat(5_000_000);
  const row = { question: large };
  for (const [name, content] of [
    ["q.jsonl", `{"question":"a"}\n${JSON.stringify(row)}\n`],
    ["q.csv", `question\na\n${large}\n`],
  ] as const) {
    const [, last] = inputsOf(await readFileRows(name, content));
    expect(last?.question === large).toBe(true);
  }
});

test("a data file that goes away between the looks is an error that names it", async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, "q.jsonl"), '{"a":1}\n'.repeat(20_000));
  const source = await openSource("q.jsonl", { baseDir: folder });
  await source.inspect();
  rmSync(join(folder, "q.jsonl"));
  const rows = source.rows()[Symbol.asyncIterator]();
  await expect(rows.next()).rejects.toMatchObject({
    code: "invalid-argument",
    message: "q.jsonl: cannot be read (ENOENT)",
  });
  await expect(readRows("-/q.jsonl")).rejects.toThrow('No data file at "-/q.jsonl"');
});
