import { AssayError } from "../core/index.ts";
import type { ByteSource } from "./bytes.ts";
import { JsonArraySplitter } from "./json-elements.ts";
import { asRecord, parseJson, type RawRow } from "./raw-row.ts";
import { type LineCount, readText } from "./read-text.ts";

/** The objects of a JSON source that holds one array, read one after another. */
export async function* readJson(source: ByteSource): AsyncGenerator<Iterable<RawRow>> {
  const splitter = new JsonArraySplitter();
  const at: LineCount = { line: 1 };
  const count = { rows: 0 };
  for await (const chunk of readText(source, at)) {
    yield rowsOf(splitter, chunk, source.name, count);
    at.line = splitter.line;
    check(splitter, source.name);
  }
  splitter.end();
  check(splitter, source.name);
}

function* rowsOf(
  splitter: JsonArraySplitter,
  chunk: string,
  name: string,
  count: { rows: number },
): Generator<RawRow> {
  const unit = `${name} row`;
  for (const { text, line } of splitter.push(chunk)) {
    count.rows += 1;
    const number = count.rows;
    const where = () => `${unit} ${number}, which begins in line ${line}`;
    yield { record: asRecord(parseJson(text, where, "a JSON object"), unit, number), unit, number };
  }
}

function check({ problem }: JsonArraySplitter, name: string): void {
  if (problem === undefined) return;
  const where = problem.line === 1 ? name : `${name} line ${problem.line}`;
  throw new AssayError("invalid-argument", `${where}: ${problem.problem}`);
}
