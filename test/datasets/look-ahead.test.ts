import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openSource, type RowTotals } from "../../src/datasets/index.ts";
import { numbered } from "../evaluate/temp-store.ts";
import { tempFolder } from "../store/temp-folder.ts";

/** Rows that are made as they are asked for, and how many have been. */
function counted(length: number) {
  const made = { rows: 0, calls: 0 };
  async function* rows() {
    made.calls += 1;
    for (let i = 0; i < length; i++) {
      made.rows += 1;
      yield { i };
    }
  }
  return { made, rows };
}

describe("looking ahead", () => {
  test("knows everything of short data, which is then read once", async () => {
    const { made, rows } = counted(300);
    const source = await openSource(rows);
    expect(await source.inspect()).toMatchObject({ rows: 300, digest: expect.any(String) });
    let read = 0;
    for await (const _ of source.rows()) read += 1;
    expect(read).toBe(300);
    expect(made).toEqual({ rows: 300, calls: 1 });
  });

  test("goes 10,000 rows into long data, and reads it whole on demand", async () => {
    const { made, rows } = counted(100_000);
    const source = await openSource(rows);
    const seen = await source.inspect();
    expect(seen.first).toMatchObject({ ordinal: 0 });
    expect(seen).not.toHaveProperty("rows");
    expect(seen).not.toHaveProperty("digest");
    expect(made).toEqual({ rows: 10_000, calls: 1 });
    const { rows: all, digest } = await source.inspect({ whole: true });
    expect(all).toBe(100_000);
    expect(made).toEqual({ rows: 110_000, calls: 2 });
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
  });

  test("makes no more rows than the limit needs", async () => {
    const { made, rows } = counted(100_000);
    const source = await openSource(rows, { limit: 7 });
    expect(await source.inspect()).toMatchObject({ rows: 7 });
    for await (const _ of source.rows());
    expect(made).toEqual({ rows: 7, calls: 1 });
  });

  test("finds a bad row before the first is given away", async () => {
    const rows = [...numbered(9000), { i: 1, id: {} }];
    await expect((await openSource(rows)).inspect()).rejects.toThrow("row 9001: expected id");
  });

  test("stops at rows that are too large to keep", async () => {
    const made = { rows: 0 };
    function* rows() {
      for (let i = 0; i < 20; i++) {
        made.rows += 1;
        yield { text: "x".repeat(3_000_000) + i };
      }
    }
    const source = await openSource(() => rows());
    expect(await source.inspect()).not.toHaveProperty("rows");
    expect(made.rows).toBe(3);
    let read = 0;
    for await (const _ of source.rows()) read += 1;
    expect(read).toBe(20);
  });
});

describe("reading", () => {
  test.each([
    ["a function", true],
    ["a stream", false],
  ])("100,000 rows of %s pulls each when it is needed", async (_, isFunction) => {
    const { made, rows } = counted(100_000);
    const source = await openSource(isFunction ? rows : rows());
    await source.inspect();
    // The function is called again, and the rows of the look ahead come a second time.
    const before = isFunction ? made.rows : 0;
    let furthest = 0;
    for await (const { ordinal } of source.rows()) {
      furthest = Math.max(furthest, made.rows - before - (ordinal + 1));
    }
    expect(made.rows - before).toBe(100_000);
    expect(furthest).toBeLessThanOrEqual(1);
  });

  test("tells rows and digest at the end, those of a look at the whole", async () => {
    const file = join(tempFolder(), "q.jsonl");
    writeFileSync(
      file,
      numbered(25_000)
        .map((row) => JSON.stringify(row))
        .join("\n"),
    );
    const source = await openSource(file);
    const whole = await source.inspect({ whole: true });
    const ends: RowTotals[] = [];
    for await (const row of source.rows((end) => ends.push(end))) {
      if (row.ordinal === 0) expect(ends).toEqual([]);
    }
    expect(ends).toEqual([
      { rows: 25_000, digest: whole.digest, unorderedDigest: whole.unorderedDigest },
    ]);
    const inMemory = await openSource(numbered(25_000).values());
    for await (const _ of inMemory.rows((end) => ends.push(end)));
    expect(ends[1]).toEqual(ends[0]);
  });

  test("digests the canonical JSON of the rows, without their places", async () => {
    // printf '{"columns":{"level":2},"context":null,"expectations":{},"inputs":{"b":{"c":1,"d":2}},
    // "metadata":{"m":1},"outputs":0,"rowKey":"a","tags":{"t":1}}\n{"expectations":{},"inputs":{"q":1},
    // "rowKey":"'$(printf '{"expectations":{},"inputs":{"q":1}}' | sha256sum | cut -c-64)'"}\n', on one
    // line, | sha256sum
    const expected = "b91fc6ddc9d76cf6751f25cd23c4e44f2497d4d510d59fa0139cd3eaea324dff";
    const full = { id: "a", inputs: { b: { d: 2, c: 1 } }, outputs: 0, context: null, level: 2 };
    const rows = [{ ...full, tags: { t: 1 }, metadata: { m: 1 } }, { q: 1 }];
    expect(await (await openSource(rows)).inspect()).toMatchObject({ digest: expected });
  });

  test("stops at the limit, and lets the source go", async () => {
    let isClosed = false;
    async function* rows() {
      try {
        for (let i = 0; ; i++) yield { i };
      } finally {
        isClosed = true;
      }
    }
    const source = await openSource(rows(), { limit: 20_000 });
    await source.inspect();
    expect(isClosed).toBe(false);
    let read = 0;
    for await (const _ of source.rows()) read += 1;
    expect(read).toBe(20_000);
    expect(isClosed).toBe(true);
  });

  test("a stream twice is refused", async () => {
    const source = await openSource(numbered(3).values());
    for await (const _ of source.rows());
    const again = source.rows()[Symbol.asyncIterator]();
    await expect(again.next()).rejects.toThrow("stream can be read only once");
  });

  test("a ReadableStream gives its rows", async () => {
    const stream = new ReadableStream({
      start: (controller) => {
        for (const row of numbered(3)) controller.enqueue(row);
        controller.close();
      },
    });
    const rows = [];
    for await (const { inputs } of (await openSource(stream)).rows()) rows.push(inputs);
    expect(rows).toEqual(numbered(3));
  });
});
