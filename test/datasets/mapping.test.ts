import { describe, expect, test } from "vitest";
import { readFileRows, readRows } from "./read-rows.ts";

describe("a mapping", () => {
  test("renames columns; what it does not name stays what it is", async () => {
    const row = { query: "Why?", gold: "Because", docs: ["d"], lang: "en" };
    const mapping = { question: "query", context: "docs" };
    expect(await readRows([row], { mapping, targets: "gold" })).toMatchObject([
      {
        inputs: { question: "Why?", lang: "en" },
        context: ["d"],
        expectations: { expected_response: "Because" },
      },
    ]);
    expect(await readRows([row], { colMapping: mapping, targets: "gold" })).toHaveLength(1);
  });

  test("reaches into columns and makes members of ours", async () => {
    const row = {
      data: { q: "Why?", gold: { ids: ["d1"], text: "Because" } },
      key: 7,
      "user.name": "ada",
    };
    const mapping = {
      id: "key",
      "inputs.question": "data.q",
      "inputs.user": "user.name",
      "expectations.relevant_ids": "data.gold.ids",
      targets: "answer",
      answer: "data.gold.text",
    };
    expect(await readRows([row], { mapping })).toEqual([
      {
        rowKey: "7",
        ordinal: 0,
        inputs: { question: "Why?", user: "ada" },
        expectations: { relevant_ids: ["d1"], expected_response: "Because" },
        columns: { data: row.data },
      },
    ]);
  });

  test("may use one column twice, and swap two", async () => {
    const rows = [{ a: 1, b: 2, c: 3 }];
    const mapping = { a: "b", b: "a", d: "c", e: "c" };
    expect(await readRows(rows, { mapping })).toMatchObject([
      { inputs: { a: 2, b: 1, d: 3, e: 3 } },
    ]);
  });

  test("finds promptfoo's vars and MLflow's names of its columns", async () => {
    const rows = [{ vars: { topic: "x" }, reply: "y", truth: "z" }];
    const colMapping = { inputs: "vars", predictions: "reply", targets: "truth" };
    expect(await readRows(rows, { colMapping })).toMatchObject([
      { inputs: { topic: "x" }, outputs: "y", expectations: { expected_response: "z" } },
    ]);
  });

  test("may name a CSV column whose first cell is empty, and use it for the targets", async () => {
    const options = { mapping: { question: "q", answer: "a" }, targets: "answer" };
    expect(await readFileRows("q.csv", "q,a\nx,\ny,Y\n", options)).toMatchObject([
      { inputs: { question: "x" }, expectations: {} },
      { inputs: { question: "y" }, expectations: { expected_response: "Y" } },
    ]);
  });

  test("leaves gaps of later rows alone, and refuses a column the first row lacks", async () => {
    const rows = [{ q: "x", d: { t: 1 } }, { q: "y" }];
    expect(await readRows(rows, { mapping: { "inputs.t": "d.t" } })).toMatchObject([
      { inputs: { t: 1 } },
      { inputs: { q: "y" } },
    ]);
    await expect(readRows(rows, { mapping: { context: "d.u" } })).rejects.toMatchObject({
      code: "invalid-argument",
      message:
        'row 1 has no column "d.u", which mapping names for context. Available columns: q, d',
    });
  });

  test("shows the blanks of a column that is called otherwise than it seems", async () => {
    const options = { targets: "answer" };
    await expect(readFileRows("q.csv", "question, answer,a b\n1,2,3\n", options)).rejects.toThrow(
      'q.csv line 2 has no column "answer", which targets names. Available columns: question, " answer", a b',
    );
  });

  test.each([
    [
      { mapping: { a: "q" }, colMapping: {} },
      "Give either mapping or colMapping: they are one option",
    ],
    [
      { mapping: { a: 5 } },
      'Expected mapping to name a column for each name, e.g. { context: "passages" }, got 5 for "a"',
    ],
    [{ mapping: { "q.x": "n" } }, "row 1: mapping puts q.x into q, which is no object"],
  ])("that cannot work is refused: %j", async (options, message) => {
    await expect(readRows([{ q: "x", n: 1 }], options as never)).rejects.toMatchObject({
      code: "invalid-argument",
      message,
    });
  });
});
