import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Row } from "../../src/core/index.ts";
import { type Data, openSource, type SourceOptions } from "../../src/datasets/index.ts";
import { numbered } from "../evaluate/temp-store.ts";
import { inputsOf, readRows } from "./read-rows.ts";

const numbersOf = (rows: readonly Row[]) => rows.map(({ inputs }) => inputs.i as number);
const read = async (data: object[], options: SourceOptions) =>
  numbersOf(await readRows(data, options));
const notesOf = async (data: Data, options?: SourceOptions) =>
  (await (await openSource(data, options)).inspect()).notes;
const shuffled = (rows: object[]) => rows.toSorted((a, b) => (digest(a) < digest(b) ? -1 : 1));
const digest = (row: object) => createHash("md5").update(JSON.stringify(row)).digest("hex");

describe("rows marked only or skip", () => {
  const marked = (marks: { [i: number]: object }) =>
    numbered(5).map(({ i }) => ({ inputs: { i }, ...marks[i] }));

  test("are taken alone or left out, and keep their place", async () => {
    const rows = await readRows(marked({ 1: { only: true }, 3: { only: true, level: 2 } }));
    expect(rows).toMatchObject([
      { ordinal: 1, inputs: { i: 1 } },
      { ordinal: 3, inputs: { i: 3 }, columns: { level: 2 } },
    ]);
    expect(rows[0]).not.toHaveProperty("columns");
    expect(await read(marked({ 0: { skip: true }, 4: { skip: false } }), {})).toEqual([1, 2, 3, 4]);
    const both = marked({ 1: { only: true }, 2: { only: true, skip: true } });
    expect(await read(both, {})).toEqual([1]);
  });

  test("are no different where the mark is false or no boolean", async () => {
    const rows = await readRows(marked({ 1: { only: false }, 2: { only: "yes" }, 3: { skip: 1 } }));
    expect(rows.map(({ columns }) => columns)).toEqual([
      undefined,
      undefined,
      { only: "yes" },
      { skip: 1 },
      undefined,
    ]);
  });

  test("in flat form are inputs of the model, whatever they are called", async () => {
    const rows = [
      { i: 0, skip: true },
      { i: 1, only: true },
    ];
    expect(inputsOf(await readRows(rows))).toEqual(rows);
    const unheeded = "only and skip in a flat row is an input of the model and selects nothing";
    expect(await notesOf(rows.toReversed())).toEqual([expect.stringContaining(unheeded)]);
    expect(await notesOf([{ i: 1, skip: "True" }])).toEqual([expect.stringContaining("skip in")]);
    expect(await notesOf([{ i: 1, skip: "no" }, { inputs: { only: true } }])).toEqual([]);
  });

  test("are said to be taken alone, so that a forgotten mark is seen", async () => {
    const rows = marked({ 1: { only: true } });
    expect(await notesOf(rows)).toEqual(["1 of 5 rows: only those with only: true"]);
    expect(await notesOf(rows, { sample: 3 })).toEqual(["1 of 5 rows: only those with only: true"]);
    expect(await notesOf(rows.slice(1).values())).toEqual(["only rows with only: true are taken"]);
    expect(await notesOf(marked({ 1: { skip: true } }))).toEqual([]);
  });

  test("in a stream are understood on its first row, and refused behind others", async () => {
    const first = marked({ 0: { only: true }, 4: { only: true } });
    expect(numbersOf(await readRows(first.values()))).toEqual([0, 4]);
    await expect(readRows(marked({ 2: { only: true } }).values())).rejects.toThrow(
      "Row 3 of stream has only: true, too late: rows before it have been evaluated.",
    );
  });

  test("may leave nothing, which is an error", async () => {
    await expect(
      readRows([
        { input: 1, skip: true },
        { input: 2, skip: true },
      ]),
    ).rejects.toThrow(
      "None of the 2 rows of rows is selected: each is skipped, filtered out or not in the sample",
    );
  });
});

describe("a filter", () => {
  test("takes the rows for which it gives true, before the limit", async () => {
    const options = { filter: ({ inputs }: Row) => (inputs.i as number) % 2 === 1, limit: 2 };
    expect(await read(numbered(10), options)).toEqual([1, 3]);
  });

  test("that finds its first row far behind finds it", async () => {
    const filter = ({ ordinal }: Row) => ordinal === 14_000;
    expect(await read(numbered(15_000), { filter })).toEqual([14_000]);
  });

  test("that fails, or answers neither yes nor no, ends it with the row", async () => {
    const fails = () => {
      throw new TypeError("oops");
    };
    await expect(read(numbered(2), { filter: fails })).rejects.toMatchObject({
      code: "invalid-argument",
      message: "The filter failed on row 1: TypeError: oops",
    });
    const filter = (async () => true) as never;
    await expect(read(numbered(2), { filter })).rejects.toThrow(
      "Expected filter to give true or false, got a promise for row 1",
    );
  });
});

describe("a sample by share", () => {
  test("has about that share, the same rows whatever the order and the other rows", async () => {
    const sample = await read(numbered(4000), { sample: 0.25 });
    // Binomial(4000, 0.25): six standard deviations are 164.
    expect(Math.abs(sample.length - 1000)).toBeLessThan(164);
    const other = await read(shuffled(numbered(4000)), { sample: 0.25 });
    expect(other.toSorted((a, b) => a - b)).toEqual(sample);
    const half = await read(numbered(2000), { sample: 0.25 });
    expect(half).toEqual(sample.filter((i) => i < 2000));
    expect(await read(numbered(4000), { sample: 0.25, seed: 0 })).toEqual(sample);
  });

  test("grows with the share, and is another with another seed", async () => {
    const small = await read(numbered(1000), { sample: 0.1, seed: 3 });
    const large = await read(numbered(1000), { sample: 0.4, seed: 3 });
    expect(large).toEqual(expect.arrayContaining(small));
    expect(await read(numbered(1000), { sample: 0.1, seed: 4 })).not.toEqual(small);
    expect(await read(numbered(50), { sample: 1 })).toHaveLength(50);
  });

  test("is decided by the sha256 of seed and key", async () => {
    // printf '7\na' | sha256sum begins with 9929, a share of 0.598; printf '7\nb' | … with 6fc9, 0.437.
    const rows = [
      { id: "a", i: 0 },
      { id: "b", i: 1 },
    ];
    expect(await read(rows, { sample: 0.52, seed: 7 })).toEqual([1]);
    expect(await read(rows, { sample: 0.61, seed: 7 })).toEqual([0, 1]);
  });
});

describe("a sample by number", () => {
  test("has exactly so many, in the order of the data, the same rows whatever the order", async () => {
    const sample = await read(numbered(3000), { sample: 50, seed: 1 });
    expect(sample).toHaveLength(50);
    expect(sample).toEqual(sample.toSorted((a, b) => a - b));
    const other = await read(shuffled(numbered(3000)), { sample: 50, seed: 1 });
    expect(other.toSorted((a, b) => a - b)).toEqual(sample);
    expect(await read(numbered(3000), { sample: 20, seed: 1 })).toHaveLength(20);
  });

  test("agrees with a sample by share, and is found in a stream as well", async () => {
    const rows = numbered(1000);
    const share = await read(rows, { sample: 0.1 });
    expect(await read(rows, { sample: share.length })).toEqual(share);
    expect(numbersOf(await readRows(rows.values(), { sample: share.length }))).toEqual(share);
  });

  test("of fewer rows is all of them; a limit cuts it", async () => {
    expect(await read(numbered(3), { sample: 5 })).toEqual([0, 1, 2]);
    const sample = await read(numbered(100), { sample: 10 });
    expect(await read(numbered(100), { sample: 10, limit: 4 })).toEqual(sample.slice(0, 4));
  });

  test("is counted and digested as what is evaluated", async () => {
    const source = await openSource(numbered(100), { sample: 10 });
    const { rows, digest } = await source.inspect();
    expect(rows).toBe(10);
    const same = await openSource(shuffled(numbered(100)), { sample: 10 });
    expect((await same.inspect()).digest).not.toBe(digest);
    const chosen = await readRows(numbered(100), { sample: 10 });
    expect((await (await openSource(inputsOf(chosen))).inspect()).digest).toBe(digest);
  });
});

test("equal rows keep their keys whichever of them are selected", async () => {
  const rows = [{ q: 1 }, { q: 1 }, { q: 1 }];
  const keys = (await readRows(rows)).map(({ rowKey }) => rowKey);
  const last = await readRows(rows, { filter: ({ ordinal }) => ordinal === 2 });
  expect(last.map(({ rowKey }) => rowKey)).toEqual([keys[2]]);
});

test.each([
  [{ limit: 0 }, "Expected limit to be an integer of at least 1, got 0"],
  [{ sample: 0 }, "Expected sample to be a share in (0, 1] or an integer of at least 2, got 0"],
  [{ sample: 2.5 }, "Expected sample to be a share in (0, 1] or an integer of at least 2, got 2.5"],
  [
    { sample: Number.NaN },
    "Expected sample to be a share in (0, 1] or an integer of at least 2, got NaN",
  ],
  [{ seed: 0.5 }, "Expected seed to be an integer, got 0.5"],
  [{ filter: "a = 1" }, "Expected filter to be a function from a row to true or false, got string"],
])("%j is refused", async (options, message) => {
  await expect(openSource(numbered(2), options as never)).rejects.toMatchObject({
    code: "invalid-argument",
    message,
  });
});
