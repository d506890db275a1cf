import {
  AssayError,
  digestOf,
  isPlainObject,
  type JsonObject,
  type JsonValue,
  type Row,
  withoutAbsent,
} from "../core/index.ts";

/** Which columns mean what. */
export interface ColumnOptions {
  /** The column with the expected answer; becomes `expectations.expected_response`. */
  readonly targets?: string;
  /** The column with what was predicted beforehand; becomes the row's outputs. */
  readonly predictions?: string;
}

/** A row as its source has it, and where it stands, for error messages. */
export interface RawRow {
  readonly record: { readonly [column: string]: JsonValue };
  /** E.g. `questions.jsonl line 7`. */
  readonly where: string;
  /** Every column of the source, where a record leaves out the empty ones. */
  readonly columns?: readonly string[];
}

/** Makes rows of raw records and gives each its identity. One per pass over the data. */
export class RowNormalizer {
  readonly #options: ColumnOptions;
  readonly #ids = new Set<string>();
  /** How often a row with the same inputs and expectations has been seen. */
  readonly #equals = new Map<string, number>();
  #ordinal = 0;

  constructor(options: ColumnOptions) {
    this.#options = options;
  }

  /** @throws {AssayError} `invalid-argument` for a missing column, a duplicate id or a misshapen cell. */
  normalize(raw: RawRow): Row {
    const ordinal = this.#ordinal;
    const content = this.content(raw);
    return { rowKey: this.#identify(raw, content), ordinal, ...content };
  }

  /** The row without its identity. @throws {AssayError} as {@link normalize}, but for duplicate ids. */
  content(raw: RawRow): Omit<Row, "rowKey" | "ordinal"> {
    const content = this.#takeColumns(raw);
    this.#ordinal += 1;
    return content;
  }

  #takeColumns(raw: RawRow): Omit<Row, "rowKey" | "ordinal"> {
    const { record, where } = raw;
    const { id: _, outputs, expectations, context, metadata, tags, ...rest } = record;
    const others: { [column: string]: JsonValue } = rest;
    const expected = asObject(expectations, "expectations", where) ?? {};
    const target = this.#take("targets", raw, others);
    const predicted = this.#take("predictions", raw, others) ?? outputs ?? undefined;
    const { inputs, columns, expectation } = splitInputs(others);
    const response = target ?? expectation;
    return withoutAbsent<Omit<Row, "rowKey" | "ordinal">>({
      inputs,
      outputs: predicted,
      expectations:
        response === undefined ? expected : { ...expected, expected_response: response },
      context,
      metadata: asObject(metadata, "metadata", where),
      tags: asObject(tags, "tags", where),
      columns: columns && Object.keys(columns).length > 0 ? columns : undefined,
    });
  }

  /** Takes the column that an option names out of the row; null counts as absent. */
  #take(
    option: "targets" | "predictions",
    { record, where, columns = Object.keys(record) }: RawRow,
    others: { [column: string]: JsonValue },
  ): JsonValue | undefined {
    const column = this.#options[option];
    if (column === undefined) return undefined;
    // Only the first row decides that a column is missing; later rows may well have gaps.
    if (this.#ordinal === 0 && !columns.includes(column)) {
      throw new AssayError(
        "invalid-argument",
        `${where} has no column "${column}", which ${option} names. Available columns: ${columns.join(", ") || "none"}`,
      );
    }
    delete others[column];
    return Object.hasOwn(record, column) ? (record[column] ?? undefined) : undefined;
  }

  #identify(raw: RawRow, row: Pick<Row, "inputs" | "expectations">): string {
    const rowKey = ownId(raw);
    if (rowKey === undefined) {
      const digest = digestOf({ inputs: row.inputs, expectations: row.expectations });
      const count = this.#equals.get(digest) ?? 0;
      this.#equals.set(digest, count + 1);
      // The second of equal rows is #2.
      return count === 0 ? digest : `${digest}#${count + 1}`;
    }
    if (this.#ids.has(rowKey)) {
      throw new AssayError("invalid-argument", `${raw.where}: the id "${rowKey}" occurs twice`);
    }
    this.#ids.add(rowKey);
    return rowKey;
  }
}

/** The id that the row brings along. @throws {AssayError} `invalid-argument` for one that is neither text nor number. */
export function ownId({ record: { id }, where }: RawRow): string | undefined {
  if (id === undefined || id === null || id === "") return undefined;
  if (typeof id === "string" || typeof id === "number") return String(id);
  throw new AssayError("invalid-argument", `${where}: expected id to be text or a number`);
}

interface SplitInputs {
  readonly inputs: JsonObject;
  readonly columns?: JsonObject;
  readonly expectation?: JsonValue;
}

/** `inputs` as it is; else autoevals' `input` and `expected`; else every column is an input. */
function splitInputs(others: { readonly [column: string]: JsonValue }): SplitInputs {
  if (others.inputs !== undefined) {
    const { inputs, ...columns } = others;
    return { inputs: wrapped(inputs as JsonValue), columns };
  }
  if (others.input !== undefined) {
    const { input, expected, ...columns } = others;
    return {
      inputs: wrapped(input as JsonValue),
      columns,
      ...(expected !== undefined && { expectation: expected }),
    };
  }
  return { inputs: others };
}

function wrapped(input: JsonValue): JsonObject {
  return isPlainObject(input) ? (input as JsonObject) : { input };
}

function asObject(
  value: JsonValue | undefined,
  column: string,
  where: string,
): JsonObject | undefined {
  if (value === undefined || value === null) return undefined;
  if (isPlainObject(value)) return value as JsonObject;
  throw new AssayError(
    "invalid-argument",
    `${where}: expected ${column} to be an object, got ${Array.isArray(value) ? "an array" : typeof value}`,
  );
}
