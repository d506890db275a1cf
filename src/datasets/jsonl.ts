import type { ByteSource } from "./bytes.ts";
import { asRecord, parseJson, type RawRow, whereOf } from "./raw-row.ts";
import { type LineCount, readLines } from "./read-text.ts";

/** The objects of a JSON Lines source; blank lines are skipped. */
export async function* readJsonl(source: ByteSource): AsyncGenerator<Iterable<RawRow>> {
  const unit = `${source.name} line`;
  const at: LineCount = { line: 1 };
  for await (const lines of readLines(source, at)) {
    const first = at.line;
    at.line += lines.length;
    yield rowsOf(lines, unit, first);
  }
}

function* rowsOf(lines: readonly string[], unit: string, first: number): Generator<RawRow> {
  for (const [index, line] of lines.entries()) {
    const number = first + index;
    const where = () => whereOf({ unit, number });
    if (!isBlank(line)) {
      yield {
        record: asRecord(parseJson(line, where, "a JSON object"), unit, number),
        unit,
        number,
      };
    }
  }
}

function isBlank(line: string): boolean {
  return line.length === 0 || (line[0] !== "{" && line.trim() === "");
}
