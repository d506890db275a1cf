import {
  AssayError,
  isPlainObject,
  type JsonObject,
  type JsonValue,
  type Row,
} from "../core/index.ts";
import { ColumnMapper, type ColumnMapping, requireColumn } from "./mapping.ts";
import { checkMessages } from "./messages.ts";
import { assign, kindOf, type RawRow, whereOf } from "./raw-row.ts";
import { RowKeys } from "./row-keys.ts";
import { columnsOf, marksIn, type SeenColumns } from "./seen-columns.ts";

/** Which columns mean what. */
export interface ColumnOptions {
  /** The column with the expected answer; becomes `expectations.expected_response`. */
  readonly targets?: string;
  /** The column with what was predicted beforehand; becomes the row's outputs. */
  readonly predictions?: string;
  /** Where the data has other columns; `targets` and `predictions` may be named here as well. */
  readonly mapping?: ColumnMapping;
  /** MLflow's name of `mapping`. */
  readonly colMapping?: ColumnMapping;
}

/** A row without its identity. */
export type Content = Omit<Row, "rowKey" | "ordinal">;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type MutableObject = { [column: string]: JsonValue };

/** Columns that are never inputs of a flat row. */
const RESERVED = new Set(["id", "outputs", "expectations", "context", "metadata", "tags"]);

/** Makes rows of raw records and gives each its identity. One per pass over the data. */
export class RowNormalizer {
  readonly #targets: string | undefined;
  readonly #predictions: string | undefined;
  readonly #mapper: ColumnMapper | undefined;
  readonly #keys = new RowKeys();
  readonly #unheeded = new Set<string>();
  #columns: readonly string[] = [];
  #hasOutputs = false;
  #ordinal = 0;

  /** @throws {AssayError} `invalid-argument` for options that contradict each other. */
  constructor({ targets, predictions, mapping, colMapping }: ColumnOptions) {
    if (mapping !== undefined && colMapping !== undefined) {
      throw new AssayError(
        "invalid-argument",
        "Give either mapping or colMapping: they are one option",
      );
    }
    const {
      targets: mappedTargets,
      predictions: mappedPredictions,
      ...others
    } = mapping ?? colMapping ?? ({} as ColumnMapping);
    this.#targets = targets ?? mappedTargets;
    this.#predictions = predictions ?? mappedPredictions;
    this.#mapper = Object.keys(others).length > 0 ? new ColumnMapper(others) : undefined;
  }

  /** @throws {AssayError} `invalid-argument` for a missing column, a duplicate id or a misshapen cell. */
  normalize(given: RawRow): Row {
    const raw = this.#mapped(given);
    const row = this.#take(raw);
    row.rowKey = this.#keys.keyOf(raw, row);
    return row;
  }

  /** What the rows so far tell of the data. */
  get seen(): SeenColumns {
    const [columns, hasOutputs] = [this.#columns, this.#hasOutputs];
    return { columns, hasOutputs, unheeded: [...this.#unheeded] };
  }

  /** The row without its identity. @throws {AssayError} as {@link normalize}, but for duplicate ids. */
  content(given: RawRow): Content {
    const { rowKey: _key, ordinal: _ordinal, ...content } = this.#take(this.#mapped(given));
    return content;
  }

  #mapped(raw: RawRow): RawRow {
    return this.#mapper === undefined ? raw : this.#mapper.apply(raw, this.#ordinal === 0);
  }

  /** The row, whose key is still missing. */
  #take(raw: RawRow): Mutable<Row> {
    const { record } = raw;
    // Only the first row decides that a column is missing; later rows may well have gaps.
    if (this.#ordinal === 0) {
      this.#requireColumns(raw);
      this.#columns = columnsOf(raw);
      this.#hasOutputs = this.#predictions !== undefined;
    }
    const others: MutableObject = {};
    for (const column of Object.keys(record)) {
      const isTaken =
        RESERVED.has(column) || column === this.#targets || column === this.#predictions;
      if (!isTaken) assign(others, column, record[column] as JsonValue);
    }
    const { inputs, columns, expectation, prediction } = splitInputs(others, this.#predictions);
    checkMessages(inputs, raw);
    if (columns === undefined) for (const mark of marksIn(inputs)) this.#unheeded.add(mark);
    this.#hasOutputs ||= prediction !== undefined || hasColumn(raw, "outputs");
    const row: Mutable<Row> = {
      rowKey: "",
      ordinal: this.#ordinal,
      inputs,
      expectations: asObject(raw, "expectations") ?? {},
    };
    const outputs = cell(record, this.#predictions) ?? record.outputs ?? prediction ?? undefined;
    const response = cell(record, this.#targets) ?? expectation;
    const metadata = asObject(raw, "metadata");
    const tags = tagsOf(raw, others.input !== undefined && others.inputs === undefined);
    if (outputs !== undefined) row.outputs = outputs;
    if (response !== undefined) {
      row.expectations = { ...row.expectations, expected_response: response };
    }
    if (record.context !== undefined) row.context = record.context;
    if (metadata !== undefined) row.metadata = metadata;
    if (tags !== undefined) row.tags = tags;
    if (columns !== undefined && Object.keys(columns).length > 0) row.columns = columns;
    if (raw.traceId !== undefined) row.traceId = raw.traceId;
    this.#ordinal += 1;
    return row;
  }

  #requireColumns(raw: RawRow): void {
    if (this.#targets !== undefined) requireColumn(raw, this.#targets, "targets names");
    if (this.#predictions !== undefined) requireColumn(raw, this.#predictions, "predictions names");
  }
}

/** The cell of a column that an option names; null counts as absent. */
function cell(record: RawRow["record"], column: string | undefined): JsonValue | undefined {
  if (column === undefined || !Object.hasOwn(record, column)) return undefined;
  return record[column] ?? undefined;
}

function hasColumn({ record, columns }: RawRow, column: string): boolean {
  return columns?.includes(column) ?? Object.hasOwn(record, column);
}

interface SplitInputs {
  readonly inputs: JsonObject;
  readonly columns?: JsonObject;
  readonly expectation?: JsonValue;
  readonly prediction?: JsonValue;
}

/** `inputs` as it is; else autoevals' `input`, `output` and `expected`; else every column is an input. */
function splitInputs(
  others: { readonly [column: string]: JsonValue },
  predictions: string | undefined,
): SplitInputs {
  if (others.inputs !== undefined) {
    const { inputs, ...columns } = others;
    return { inputs: wrapped(inputs as JsonValue), columns };
  }
  if (others.input !== undefined) {
    const { input, output, expected, ...columns } = others;
    const isOther = predictions !== undefined && output !== undefined;
    return {
      inputs: wrapped(input as JsonValue),
      columns: isOther ? { ...columns, output } : columns,
      // Tables of fixed columns have null where there is nothing.
      ...(expected !== undefined && expected !== null && { expectation: expected }),
      ...(output !== undefined && !isOther && { prediction: output }),
    };
  }
  return { inputs: others };
}

function wrapped(input: JsonValue): JsonObject {
  return isPlainObject(input) ? (input as JsonObject) : { input };
}

/** Tags; autoevals' list of words becomes the tags of these names. */
function tagsOf(raw: RawRow, isAutoevals: boolean): JsonObject | undefined {
  const { tags } = raw.record;
  const isList = Array.isArray(tags) && tags.every((tag) => typeof tag === "string");
  if (!isAutoevals || !isList) return asObject(raw, "tags");
  return Object.fromEntries((tags as readonly string[]).map((tag) => [tag, true]));
}

function asObject(
  raw: RawRow,
  column: "expectations" | "metadata" | "tags",
): JsonObject | undefined {
  const value = raw.record[column];
  if (value === undefined || value === null) return undefined;
  if (isPlainObject(value)) return value as JsonObject;
  throw new AssayError(
    "invalid-argument",
    `${whereOf(raw)}: expected ${column} to be an object, got ${kindOf(value)}`,
  );
}
