import { AssayError, describeError, isAssayError } from "../core/index.ts";
import { copyAsJson } from "./plain-json.ts";
import { asRecord, type RawRow } from "./raw-row.ts";

/** Anything that yields rows; a `ReadableStream` does, too. */
export type Rows = Iterable<object> | AsyncIterable<object>;

export function isIterable(value: unknown): value is Rows {
  return (
    typeof value === "object" &&
    value !== null &&
    (Symbol.iterator in value || Symbol.asyncIterator in value)
  );
}

/**
 * Rows in memory, or that come from the user's own code, pulled one by one as they are needed. What that
 * code throws is about the data, not a defect of ours.
 *
 * @throws {AssayError} `invalid-argument` for what gives no rows, or fails.
 */
export async function* fromIterable(
  give: () => Rows | Promise<Rows>,
): AsyncGenerator<Iterable<RawRow>> {
  let data: Rows;
  try {
    data = await give();
  } catch (cause) {
    throw unreadable(cause);
  }
  if (!isIterable(data)) {
    throw new AssayError("invalid-argument", "Expected the function given as `data` to give rows");
  }
  if (Array.isArray(data)) {
    yield rowsOf(data);
    return;
  }
  let number = 0;
  try {
    for await (const row of data) {
      number += 1;
      yield [toRawRow(row, number)];
    }
  } catch (cause) {
    throw unreadable(cause);
  }
}

function* rowsOf(rows: readonly unknown[]): Generator<RawRow> {
  for (const [index, row] of rows.entries()) yield toRawRow(row, index + 1);
}

function toRawRow(row: unknown, number: number): RawRow {
  // Instances of classes become plain objects; lists and maps stay what they are and are refused.
  const isRecord = typeof row === "object" && row !== null && !isIterable(row);
  return { record: asRecord(isRecord ? copyAsJson(row) : row, "row", number), unit: "row", number };
}

function unreadable(cause: unknown): AssayError {
  if (isAssayError(cause)) return cause;
  const problem = `The data could not be read: ${describeError(cause)}`;
  return new AssayError("invalid-argument", problem, { cause });
}
