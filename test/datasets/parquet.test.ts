import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { openSource } from "../../src/datasets/index.ts";
import { tempFolder } from "../store/temp-folder.ts";
import { inputsOf, readRows } from "./read-rows.ts";

// Made by make.py in that folder, which says what the rows are.
const FOLDER = fileURLToPath(new URL("../fixtures/parquet/", import.meta.url));
const fixture = (name: string) => join(FOLDER, `${name}.parquet`);

const FULL = {
  question: "Why?",
  answer: "Paris",
  count: 3,
  unsigned: "18446744073709551615",
  small: -5,
  score: 0.5,
  half: 0.25,
  flag: true,
  day: "2026-02-03",
  asked: "2026-02-03T04:05:06.123456Z",
  local: "2026-02-03T04:05:06.500Z",
  millis: "1969-12-31T23:59:59.999Z",
  bytes: "AP8Q",
  price: 12.3,
  words: ["a", null, "ü"],
  gold: { ids: [1, 2], note: null },
  attributes: { a: 1, b: 2 },
  passages: [
    { id: "d1", content: "x" },
    { id: null, content: "y" },
  ],
  nothing: null,
};
const EMPTY = Object.fromEntries(Object.keys(FULL).map((column) => [column, null]));
const ROWS: readonly { readonly [column: string]: unknown }[] = [
  FULL,
  {
    ...EMPTY,
    question: "How?",
    count: "9007199254740993",
    words: [],
    gold: { ids: null, note: "n" },
  },
  { ...FULL, question: "質問 🙂", count: "-9007199254740993", score: "NaN", flag: false },
  { ...EMPTY, question: "Why?", passages: [], attributes: {} },
  { ...FULL, answer: "Rome", count: 9007199254740991, score: "-Infinity" },
];

describe("a Parquet file", () => {
  test("is read without the index that pandas writes", async () => {
    expect(inputsOf(await readRows(fixture("indexed")))).toEqual([
      { question: "Why?" },
      { question: "How?" },
    ]);
  });

  test("becomes JSON, column by column, and row group by row group", async () => {
    expect(inputsOf(await readRows(fixture("types")))).toEqual(ROWS);
  });

  test.each(["none", "snappy", "gzip", "zstd", "brotli", "lz4", "plain-v2"])(
    "may be written as %s",
    async (name) => {
      const few = ROWS.map(({ question, answer, words }) => ({ question, answer, words }));
      expect(inputsOf(await readRows(fixture(name)))).toEqual(few);
    },
  );

  test("with one large row group is read in slices, lists included", async () => {
    const source = await openSource(fixture("one-group"));
    expect(await source.inspect()).not.toHaveProperty("rows");
    let next = 0;
    for await (const { ordinal, inputs } of source.rows()) {
      if (inputs.i !== next || ordinal !== next || JSON.stringify(inputs.l) !== `[${next % 3}]`) {
        expect(inputs).toEqual({ i: next, l: [next % 3] });
      }
      next += 1;
    }
    expect(next).toBe(45_000);
  });

  test("may be gzip throughout", async () => {
    const file = join(tempFolder(), "q.parquet.gz");
    writeFileSync(file, gzipSync(readFileSync(fixture("types"))));
    expect(inputsOf(await readRows(file))).toEqual(ROWS);
  });

  test("gives up its targets, and has none where the cell is null", async () => {
    const rows = await readRows(fixture("snappy"), { targets: "answer" });
    expect(rows.map(({ expectations }) => expectations)).toEqual([
      { expected_response: "Paris" },
      {},
      { expected_response: "Paris" },
      {},
      { expected_response: "Rome" },
    ]);
  });

  test("without rows, or without the column, says so", async () => {
    await expect(readRows(fixture("twice"))).rejects.toThrow(
      'twice.parquet: has two columns "question"',
    );
    await expect(readRows(fixture("empty"))).rejects.toThrow("empty.parquet holds no rows");
    await expect(readRows(fixture("none"), { targets: "truth" })).rejects.toThrow(
      'none.parquet row 1 has no column "truth", which targets names. Available columns: question, answer, words',
    );
  });

  test("that is damaged is refused in one line that names the file", async () => {
    const folder = tempFolder();
    const file = (name: string, content: Uint8Array) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const whole = readFileSync(fixture("types"));
    const cut = file("cut.parquet", whole);
    truncateSync(cut, 4000);
    await expect(readRows(cut)).rejects.toMatchObject({
      code: "invalid-argument",
      message: expect.stringMatching(/^cut\.parquet: cannot be read as Parquet \([^\n]+\)$/),
    });
    const text = file("text.parquet", Buffer.from('{"question":"Why?"}\n'));
    await expect(readRows(text)).rejects.toThrow(/^text\.parquet: cannot be read as Parquet \(/);
    const nothing = file("nothing.parquet", new Uint8Array());
    await expect(readRows(nothing)).rejects.toThrow(/^nothing\.parquet: cannot be read as Parquet/);
    // The data of the last row group is gone, its description is there.
    const holes = Buffer.from(readFileSync(fixture("gzip")));
    holes.fill(0, 4, 900);
    await expect(readRows(file("holes.parquet", holes))).rejects.toThrow(
      /^holes\.parquet rows 1 to 2: cannot be read as Parquet \([^\n]+\)$/,
    );
  });

  test("that is a folder is refused", async () => {
    const folder = tempFolder();
    mkdirSync(join(folder, "rows.parquet"));
    await expect(openSource("rows.parquet", { baseDir: folder })).rejects.toThrow(
      "rows.parquet is not a file",
    );
  });
});
