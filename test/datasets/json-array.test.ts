import { describe, expect, test } from "vitest";
import { JsonArraySplitter } from "../../src/datasets/json-elements.ts";
import { inputsOf, readFileRows } from "./read-rows.ts";

/** The elements, with the text cut into pieces of `size` characters. */
function split(text: string, size: number): { elements: unknown[]; lines: number[] } {
  const splitter = new JsonArraySplitter();
  const found = [];
  for (let at = 0; at < text.length; at += size) {
    found.push(...splitter.push(text.slice(at, at + size)));
  }
  splitter.end();
  expect(splitter.problem).toBeUndefined();
  return {
    elements: found.map((element) => JSON.parse(element.text)),
    lines: found.map(({ line }) => line),
  };
}

const NASTY = [
  { a: "]}\\", b: '",[{' },
  { deep: [[{ x: [1, '\u2028\\"', null] }], {}] },
  { "]": "\\\\", emoji: "👩‍👩‍👧" },
  { n: -1.5e-7, t: true },
];

describe("the elements of a JSON array", () => {
  test.each([1, 2, 3, 7, 1000])("are those of JSON.parse in pieces of %i", (size) => {
    for (const text of [JSON.stringify(NASTY), JSON.stringify(NASTY, null, 2), "[]", " \n[ ] "]) {
      expect(split(text, size).elements).toEqual(JSON.parse(text));
    }
  });

  test("know the line they begin on", () => {
    expect(split('[\n  {"a": 1},\n\n  {\n    "a": 2\n  }, {"a": 3}\n]\n', 4).lines).toEqual([
      2, 4, 6,
    ]);
  });
});

describe("a JSON file", () => {
  test("with a row of 10 MB and thousands of small ones is read", async () => {
    const large = "x]".repeat(5_000_000);
    const rows = [{ q: large }, ...Array.from({ length: 5000 }, (_, i) => ({ q: i }))];
    const read = inputsOf(await readFileRows("q.json", JSON.stringify(rows)));
    expect(read).toHaveLength(5001);
    expect(read[0]?.q === large).toBe(true);
    expect(read.slice(1)).toEqual(rows.slice(1));
  });

  test.each([
    ["", "q.json: expected a JSON array of rows, found nothing"],
    ['\n{"a":1}', "q.json line 2: expected a JSON array of rows"],
    [
      '[{"a":1}\n,\n{"b"',
      "q.json line 3: the array is not closed, its row 2 is the last: the file is cut off",
    ],
    ['[{"a":1},\n]', "q.json line 2: expected a row after the comma, found none"],
    ['[\n,{"a":1}]', "q.json line 2: expected a row before the comma, found none"],
    ['[{"a":1}]\n[{"a":2}]', "q.json line 2: expected nothing after the array, found more"],
    [
      '[{"a":1},\n {"secret": oops}]',
      "q.json row 2, which begins in line 2: expected a JSON object, found malformed JSON",
    ],
    [
      '[{"a":1}\n {"a":2}]',
      "q.json row 1, which begins in line 1: expected a JSON object, found malformed JSON",
    ],
    ['[{"a":1}, 5]', "q.json row 2: expected a JSON object, found a number"],
  ])("that begins with %j and is broken names the line", async (content, message) => {
    const [outcome] = await Promise.allSettled([readFileRows("q.json", content)]);
    expect(outcome).toMatchObject({
      status: "rejected",
      reason: { code: "invalid-argument", message },
    });
    expect(outcome.status === "rejected" && outcome.reason.cause).toBeUndefined();
  });
});
