import { describe, expect, test } from "vitest";
import type { Row } from "../../src/core/index.ts";
import { openSource, type SourceOptions } from "../../src/datasets/index.ts";
import { shardSource } from "../../src/evaluate/shards/shard-source.ts";
import { numbered } from "./temp-store.ts";

async function* stream(count: number) {
  yield* numbered(count);
}

async function numbersOf(rows: AsyncIterable<Row>) {
  const found: unknown[] = [];
  for await (const { inputs } of rows) found.push(inputs.i);
  return found;
}

describe.each([
  ["rows in memory", () => numbered(11)],
  ["a function that gives rows", () => () => numbered(11)],
  ["a stream", () => stream(11)],
])("the shards of %s", (_, data) => {
  test.each<[SourceOptions, number]>([
    [{}, 11],
    [{ limit: 7 }, 7],
    [{ sample: 6, seed: 3 }, 6],
    [{ filter: ({ ordinal }) => ordinal % 3 > 0 }, 7],
  ])("of %o are parts of equal length of what is selected", async (options, count) => {
    const whole = await numbersOf((await openSource(data(), options)).rows());
    expect(whole).toHaveLength(count);
    for (const index of [1, 2, 3]) {
      const source = shardSource(await openSource(data(), options), { index, of: 3 });
      const expected = whole.filter((_, place) => place % 3 === index - 1);
      const { first, rows = expected.length } = await source.inspect();
      expect([first.inputs.i, rows]).toEqual([expected[0], expected.length]);
      expect(await numbersOf(source.rows())).toEqual(expected);
    }
  });
});

test("a shard has a digest of its own rows, of a stream when it has been read", async () => {
  const shard = { index: 2, of: 4 };
  const memory = await shardSource(await openSource(numbered(9)), shard).inspect();
  const source = shardSource(await openSource(stream(9)), shard);
  expect((await source.inspect()).digest).toBeUndefined();
  let digest: string | undefined;
  const rows = source.rows((totals) => {
    digest = totals.digest;
  });
  expect(await numbersOf(rows)).toEqual([1, 5]);
  expect(digest).toBe(memory.digest);
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
});
