import { describe, expect, test } from "vitest";
import { openSource } from "../../src/datasets/index.ts";
import { inputsOf, readFileRows, readRows } from "./read-rows.ts";

describe("a row", () => {
  test("with inputs takes them as they are; what is not reserved is a column", async () => {
    const row = {
      id: 7,
      inputs: { question: "Why?", context: "of the inputs" },
      outputs: "Because.",
      expectations: { facts: ["a"] },
      context: "of the row",
      metadata: { source: "web" },
      tags: { team: "x" },
      difficulty: 3,
    };
    expect(await readRows([row])).toEqual([
      {
        rowKey: "7",
        ordinal: 0,
        inputs: { question: "Why?", context: "of the inputs" },
        outputs: "Because.",
        expectations: { facts: ["a"] },
        context: "of the row",
        metadata: { source: "web" },
        tags: { team: "x" },
        columns: { difficulty: 3 },
      },
    ]);
  });

  test.each(["Why?", 0, "", false, ["a"], null])(
    "with inputs that are no object (%j) wraps them",
    async (inputs) => {
      expect(inputsOf(await readRows([{ inputs }]))).toEqual([{ input: inputs }]);
    },
  );

  test("in autoevals' form has an input and what is expected", async () => {
    const rows = [
      { input: "2+2", expected: "4", level: 1 },
      { input: { a: 1 }, expected: { b: 2 } },
    ];
    expect(await readRows(rows)).toMatchObject([
      {
        inputs: { input: "2+2" },
        expectations: { expected_response: "4" },
        columns: { level: 1 },
      },
      { inputs: { a: 1 }, expectations: { expected_response: { b: 2 } } },
    ]);
  });

  test("in flat form has every column that is not reserved as an input", async () => {
    const row = { question: "Why?", expected: "is an input here", outputs: "o", tags: { a: "b" } };
    expect(await readRows([row])).toMatchObject([
      { inputs: { question: "Why?", expected: "is an input here" }, outputs: "o" },
    ]);
  });

  test("with several turns carries its messages", async () => {
    const messages = [
      { role: "user", content: "Hi" },
      { role: "assistant", content: "Hello" },
      { role: "user", content: "Why?" },
    ];
    expect(inputsOf(await readRows([{ inputs: { messages } }, { messages }]))).toEqual([
      { messages },
      { messages },
    ]);
  });

  test.each([
    ["text", "a string"],
    [{ content: "x" }, "no role"],
    [{ role: "user" }, "no content"],
    [{ role: "assistant", content: null, tool_calls: [] }, "no content"],
    [{ role: "user", content: 5 }, "a content that is a number"],
    [["user", "hi"], "an array"],
  ])("with the message %j in its turns is refused", async (message, found) => {
    const messages = [{ role: "user", content: [{ type: "text", text: "Hi" }] }, message];
    for (const row of [{ messages }, { inputs: { messages } }]) {
      await expect(readRows([row])).rejects.toMatchObject({
        code: "invalid-argument",
        message: `row 1: expected message 2 of messages to be { role, content }, found ${found}`,
      });
    }
  });

  test("may call tools instead of saying something, or have an input called messages", async () => {
    const messages = [{ role: "assistant", content: null, tool_calls: [{ id: "c" }] }];
    expect(
      inputsOf(await readRows([{ messages }, { messages: "three" }, { messages: [] }])),
    ).toEqual([{ messages }, { messages: "three" }, { messages: [] }]);
    const csv = 'messages\n"[{""role"":""user"",""content"":""Hi""}]"\nthree\n';
    expect(inputsOf(await readFileRows("q.csv", csv))).toEqual([
      { messages: [{ role: "user", content: "Hi" }] },
      { messages: "three" },
    ]);
  });

  test("in autoevals' form has its output as outputs, unless another column is named", async () => {
    const row = { input: "q", output: "a", expected: "e", other: "o" };
    expect(await readRows([row])).toMatchObject([{ outputs: "a", columns: { other: "o" } }]);
    expect(await readRows([{ ...row, outputs: "b" }])).toMatchObject([{ outputs: "b" }]);
    expect(await readRows([row], { predictions: "other" })).toMatchObject([
      { outputs: "o", columns: { output: "a" } },
    ]);
    expect((await readRows([{ inputs: { a: 1 }, output: "a" }]))[0]).not.toHaveProperty("outputs");
  });

  test("in autoevals' form may have a list of tags, and null where nothing is expected", async () => {
    const row = { input: "q", expected: null, tags: ["slow", "new"], metadata: { a: 1 }, id: "r" };
    expect(await readRows([row])).toEqual([
      {
        rowKey: "r",
        ordinal: 0,
        inputs: { input: "q" },
        expectations: {},
        metadata: { a: 1 },
        tags: { slow: true, new: true },
      },
    ]);
  });

  test.each([
    ["inputs", { inputs: { question: "q" }, truth: "t", guess: "g", level: 1 }],
    ["autoevals", { input: "q", truth: "t", guess: "g", level: 1 }],
    ["flat", { question: "q", truth: "t", guess: "g" }],
  ])("in the %s form gives up its targets and predictions columns", async (_, row) => {
    const [read] = await readRows([row], { targets: "truth", predictions: "guess" });
    expect(read).toMatchObject({ outputs: "g", expectations: { expected_response: "t" } });
    expect(JSON.stringify([read?.inputs, read?.columns])).not.toMatch(/truth|guess/);
  });

  test("keeps its expectations beside the target, which wins over autoevals' expected", async () => {
    const row = { input: "q", expected: "e", truth: "t", expectations: { facts: [1] } };
    expect(await readRows([row], { targets: "truth" })).toMatchObject([
      { expectations: { facts: [1], expected_response: "t" } },
    ]);
  });

  test.each([0, "", false])("keeps the falsy value %j wherever it stands", async (value) => {
    const row = { question: value, truth: value, guess: value, context: value };
    expect(await readRows([row], { targets: "truth", predictions: "guess" })).toMatchObject([
      {
        inputs: { question: value },
        outputs: value,
        expectations: { expected_response: value },
        context: value,
      },
    ]);
    expect(await readRows([{ input: value, expected: value }])).toMatchObject([
      { inputs: { input: value }, expectations: { expected_response: value } },
    ]);
  });

  test("has no target and no prediction where the cell is null or missing", async () => {
    const rows = [{ q: 1, truth: null, guess: null }, { q: 2 }, { q: 3, outputs: null }];
    for (const row of await readRows(rows, { targets: "truth", predictions: "guess" })) {
      expect(row.expectations).toEqual({});
      expect(row).not.toHaveProperty("outputs");
    }
  });

  test.each(["expectations", "metadata", "tags"])(
    "refuses %s that are no object",
    async (column) => {
      await expect(readRows([{ q: 1 }, { q: 2, [column]: ["a"] }])).rejects.toMatchObject({
        code: "invalid-argument",
        message: `row 2: expected ${column} to be an object, got an array`,
      });
    },
  );

  test.each(["targets", "predictions"])(
    "without the column that %s names lists the columns there are",
    async (option) => {
      const reading = readFileRows("q.jsonl", '{"question":"q","truth":"t"}', {
        [option]: "toString",
      });
      await expect(reading).rejects.toMatchObject({
        code: "invalid-argument",
        message: `q.jsonl line 1 has no column "toString", which ${option} names. Available columns: question, truth`,
      });
    },
  );
});

describe("what rows come from", () => {
  const rows = [{ question: "a" }, { question: "b" }];
  async function* stream() {
    yield* rows;
  }

  test.each([
    ["an array", () => rows],
    ["an iterable", () => new Set(rows)],
    ["a generator", () => rows.values()],
    ["an async iterable", () => stream()],
    ["a function to an array", () => () => rows],
    ["a function to a promise", () => async () => rows],
    ["an async generator function", () => stream],
  ])("may be %s", async (_, data) => {
    expect(inputsOf(await readRows(data()))).toEqual(rows);
  });

  test("is counted and digested where it can be read again", async () => {
    const summary = await (await openSource(rows)).inspect();
    expect(summary).toMatchObject({ rows: 2, first: { inputs: { question: "a" } } });
    const again = await (await openSource(() => stream())).inspect();
    expect(again.digest).toBe(summary.digest);
    const other = await (await openSource([...rows].reverse())).inspect();
    expect(other.digest).not.toBe(summary.digest);
  });

  test("is looked at one row deep where it can be read once, and loses none", async () => {
    let pulled = 0;
    async function* counted() {
      for (const row of rows) {
        pulled += 1;
        yield row;
      }
    }
    const source = await openSource(counted());
    const seen = await source.inspect();
    expect(seen.first.inputs).toEqual({ question: "a" });
    expect(seen).not.toHaveProperty("rows");
    expect(pulled).toBe(1);
    const read = [];
    for await (const row of source.rows()) read.push(row);
    expect(inputsOf(read)).toEqual(rows);
  });

  test("becomes JSON: instances of classes, dates, what JSON cannot hold", async () => {
    class Question {
      readonly question = "Why?";
      readonly asked = new Date(0);
      readonly count = 3n;
      readonly nothing = undefined;
    }
    expect(inputsOf(await readRows([new Question()]))).toEqual([
      { question: "Why?", asked: "1970-01-01T00:00:00.000Z", count: "3" },
    ]);
  });

  test("is not changed by what is done to its rows, nor the other way round", async () => {
    const shared = { deep: [1, { a: "b" }], zero: -0 };
    const [row] = await readRows([{ inputs: shared }]);
    shared.deep.push(2);
    expect(row?.inputs).toEqual({ deep: [1, { a: "b" }], zero: 0 });
    const odd = JSON.parse('{"__proto__": 1, "constructor": 2}');
    expect(Object.entries(inputsOf(await readRows([odd]))[0] ?? {})).toEqual(Object.entries(odd));
  });

  test.each([
    [["text"], "row 1: expected a JSON object, found a string"],
    [[{ q: 1 }, null], "row 2: expected a JSON object, found null"],
    [[undefined], "row 1: expected a JSON object, found undefined"],
    [[["a"]], "row 1: expected a JSON object, found an array"],
    [[new Map([["q", 1]])], "row 1: expected a JSON object, found a Map"],
    [[], "rows holds no rows"],
    [
      () => {
        throw new TypeError("no database");
      },
      "The data could not be read: TypeError: no database",
    ],
    [() => Promise.reject(new Error("gone")), "The data could not be read: Error: gone"],
    [() => 5, "Expected the function given as `data` to give rows"],
    [5, "Expected `data` to be rows, a path, or something that yields rows"],
    [new Set(), "stream holds no rows"],
  ])("is refused: %o", async (data, message) => {
    await expect(readRows(data as never)).rejects.toMatchObject({
      code: "invalid-argument",
      message,
    });
  });
});

describe("the identity of a row", () => {
  const keys = async (data: object[]) => (await readRows(data)).map(({ rowKey }) => rowKey);

  test("is its id, as text", async () => {
    expect(
      await keys([
        { id: "a", q: 1 },
        { id: 0, q: 1 },
      ]),
    ).toEqual(["a", "0"]);
  });

  test("without an id is the sha256 of the canonical JSON of inputs and expectations", async () => {
    // printf '{"expectations":{"expected_response":"4"},"inputs":{"a":1,"question":"2+2?"}}' | sha256sum
    const expected = "b0e7289c18bdfd5caf53c65a0a8e3b1826d7cb8a98a90dc721b141d593a9e3ea";
    const row = { question: "2+2?", a: 1, expectations: { expected_response: "4" } };
    expect(await keys([row])).toEqual([expected]);
    // The order of keys, ids that are empty, and what is no part of the question change nothing.
    const same = { context: "c", a: 1, question: "2+2?", id: "", outputs: "x", answer: "4" };
    expect((await readRows([same], { targets: "answer" }))[0]?.rowKey).toBe(expected);
  });

  test("of equal rows is counted on", async () => {
    // printf '{"expectations":{},"inputs":{"question":"Why?"}}' | sha256sum
    const sha = "c8e4c4faa60e983a8f031e0de7f6bc2f427e1b4f48c7091cfba793a8547354b9";
    const row = { question: "Why?" };
    expect(await keys([row, { question: "How?" }, { ...row }, { id: null, ...row }])).toEqual([
      sha,
      expect.not.stringContaining("#"),
      `${sha}#2`,
      `${sha}#3`,
    ]);
  });

  test("is an error when an id occurs twice, which names the place", async () => {
    const content = '{"id":"a","q":1}\n\n{"id":1,"q":1}\n{"id":"1","q":2}\n';
    await expect(readFileRows("q.jsonl", content)).rejects.toMatchObject({
      code: "invalid-argument",
      message: 'q.jsonl line 4: the id "1" is already that of line 3',
    });
  });

  test("is an error when an id is neither text nor number", async () => {
    await expect(readRows([{ id: {}, q: 1 }])).rejects.toThrow(
      "row 1: expected id to be text or a number",
    );
  });

  test("goes with the position of the row", async () => {
    const rows = await readRows([{ q: 1 }, { q: 2 }, { q: 3 }]);
    expect(rows.map(({ ordinal }) => ordinal)).toEqual([0, 1, 2]);
  });
});
