import { describe, expect, test } from "vitest";
import { inputsOf, readFileRows } from "./read-rows.ts";

describe("a CSV file", () => {
  test("has quotes, commas and newlines inside its cells", async () => {
    const content = 'question,answer\n"He said ""why, me?""","two\nlines"\nplain,text\n';
    expect(inputsOf(await readFileRows("q.csv", content))).toEqual([
      { question: 'He said "why, me?"', answer: "two\nlines" },
      { question: "plain", answer: "text" },
    ]);
  });

  test("may begin with a byte order mark, end its lines with CRLF and hold blank lines", async () => {
    const content = "\uFEFFquestion,answer\r\na,b\r\n\r\n,,\r\nc,d".replace(",,", ",");
    expect(inputsOf(await readFileRows("q.csv", content))).toEqual([
      { question: "a", answer: "b" },
      { question: "c", answer: "d" },
    ]);
  });

  test("with the index that pandas writes is read without it", async () => {
    const content = ",question,answer\n0,a,b\n1,c,d\n";
    expect(inputsOf(await readFileRows("q.csv", content))).toEqual([
      { question: "a", answer: "b" },
      { question: "c", answer: "d" },
    ]);
  });

  test("leaves an empty cell absent and every other cell as the text it is", async () => {
    const content = "id,question,n,flag\n1,,0,false\n2, x ,007,NaN\n";
    expect(await readFileRows("q.csv", content)).toMatchObject([
      { rowKey: "1", inputs: { n: "0", flag: "false" } },
      { rowKey: "2", inputs: { question: " x ", n: "007", flag: "NaN" } },
    ]);
  });

  test("holds structures as JSON in the columns that are structures", async () => {
    const content = [
      "inputs,expectations,context,metadata,tags",
      '"{""question"":""Why?"",""n"":1}","{""relevant_ids"":[""d1""]}","[{""id"":""d1"",""content"":""x""}]","{""m"":1}","{""t"":""u""}"',
    ].join("\n");
    expect(await readFileRows("q.csv", content)).toMatchObject([
      {
        inputs: { question: "Why?", n: 1 },
        expectations: { relevant_ids: ["d1"] },
        context: [{ id: "d1", content: "x" }],
        metadata: { m: 1 },
        tags: { t: "u" },
      },
    ]);
  });

  test("may have a context that is text and begins with a bracket", async () => {
    const content = "question,context\nWhy?,[1] The Times says so\n";
    expect(await readFileRows("q.csv", content)).toMatchObject([
      { context: "[1] The Times says so" },
    ]);
  });

  test("names the line and column of malformed JSON", async () => {
    const content = "question,expectations\nWhy?,{}\nHow?,{'a': 1}\n";
    await expect(readFileRows("q.csv", content)).rejects.toMatchObject({
      code: "invalid-argument",
      message: "q.csv line 3, column expectations: expected JSON, found malformed JSON",
    });
  });

  // The record in question begins on line 5: header 1, blank 2, two lines of one cell 3 and 4.
  test.each([
    ["more cells", "a,b,c", "expected 2 cells, as the header has columns, found 3"],
    ["fewer cells", "a", "expected 2 cells, as the header has columns, found 1"],
    ["an open quote", '"a,b', "a quoted cell that begins here is not closed"],
    [
      "a quote in the middle",
      'a"b,c',
      "a cell with a quote in it must be quoted as a whole, and its quotes doubled",
    ],
    [
      "letters behind a quote",
      '"a"b,c',
      "a cell with a quote in it must be quoted as a whole, and its quotes doubled",
    ],
  ])("names the line with %s", async (_, line, problem) => {
    for (const end of ["\n", "\r\n"]) {
      const content = ["question,answer", "", '"two', 'lines",x', line, "c,d"].join(end);
      await expect(readFileRows("q.csv", content)).rejects.toMatchObject({
        code: "invalid-argument",
        message: `q.csv line 5: ${problem}`,
      });
    }
  });

  test.each([
    ["question,question\na,b", 'names the column "question" twice'],
    ["question,\na,0", "has no name for column 2"],
    [" ,question\n0,a", "has no name for column 1"],
  ])("with the header of %j is refused", async (content, problem) => {
    await expect(readFileRows("q.csv", content)).rejects.toMatchObject({
      code: "invalid-argument",
      message: `q.csv: the header line ${problem}`,
    });
  });

  test("has the targets column although its first cell is empty", async () => {
    const rows = await readFileRows("q.csv", "question,answer\na,\nb,B\n", { targets: "answer" });
    expect(rows.map(({ expectations }) => expectations)).toEqual([{}, { expected_response: "B" }]);
  });
});

test("a TSV file has tabs between its cells", async () => {
  const content = 'question\tanswer\n"a ""quoted"" cell"\tx, y\n';
  expect(inputsOf(await readFileRows("q.tsv", content))).toEqual([
    { question: 'a "quoted" cell', answer: "x, y" },
  ]);
});
