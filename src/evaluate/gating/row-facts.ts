import { AssayError, isPlainObject, type JsonValue, type Row } from "../../core/index.ts";
import { closestNames, type Gate, type Slice } from "../../gates/index.ts";

/** Where rows say what they belong to, the first that is there counting. */
const CLUSTER_FIELDS = [
  "cluster",
  "document_id",
  "documentId",
  "conversation_id",
  "conversationId",
  // Of stored traces.
  "mlflow.trace.session",
] as const;

/** What gates ask of rows beside their scores: the values of some fields, and what a row belongs to. */
export class RowFacts {
  readonly fields: readonly string[];
  readonly #values = new Map<number, readonly (string | undefined)[]>();
  readonly #clusters = new Map<number, string>();
  readonly #seen = new Set<string>();

  /** @param fields - Of the slices, e.g. `category` or `metadata.category`. */
  constructor(fields: readonly string[]) {
    this.fields = [...new Set(fields)];
  }

  /** How many rows are known. */
  get size(): number {
    return this.#values.size;
  }

  add(row: Pick<Row, "ordinal"> & RowParts): void {
    this.#values.set(
      row.ordinal,
      this.fields.map((field) => fieldText(row, field)),
    );
    const cluster = clusterOf(row);
    if (cluster !== undefined) this.#clusters.set(row.ordinal, cluster);
    if (this.#seen.size < 200) for (const name of fieldsOf(row)) this.#seen.add(name);
  }

  /** By ordinal, of the rows that say what they belong to. */
  get clusters(): ReadonlyMap<number, string> {
    return this.#clusters;
  }

  /** The ordinals of the rows of a slice. */
  ordinalsOf(slice: Slice): Set<number> {
    const wanted = slice.map(({ field, value }) => [this.fields.indexOf(field), value] as const);
    const found = new Set<number>();
    for (const [ordinal, values] of this.#values) {
      if (wanted.every(([index, value]) => values[index] === value)) found.add(ordinal);
    }
    return found;
  }

  /**
   * @param remark - What else has to be known of the rows.
   * @throws {AssayError} `invalid-argument` for a gate whose slice has no rows.
   */
  check(gates: readonly Gate[], remark = ""): void {
    for (const { slice, text } of gates) {
      if (slice === undefined || this.ordinalsOf(slice).size > 0) continue;
      const missing = slice.find(({ field }) => this.#valuesOf(field).length === 0);
      throw new AssayError(
        "invalid-argument",
        `Gate "${text}": ${missing === undefined ? this.#emptyWords(slice) : this.#unknownWords(missing.field)}${remark}`,
      );
    }
  }

  #emptyWords(slice: Slice): string {
    const known = slice.map(
      ({ field }) => `${field} is ${this.#valuesOf(field).slice(0, 8).join(", ")}`,
    );
    return `no row is in this slice; ${known.join("; ")}`;
  }

  #unknownWords(field: string): string {
    const close = closestNames(field, [...this.#seen]);
    const advice =
      close.length > 0
        ? `Did you mean ${close.join(" or ")}?`
        : `There are ${[...this.#seen].slice(0, 12).join(", ")}`;
    return `no row has the field ${field}. ${advice}`;
  }

  #valuesOf(field: string): string[] {
    const index = this.fields.indexOf(field);
    const values = [...this.#values.values()].flatMap((row) => row[index] ?? []);
    return [...new Set(values)].sort();
  }
}

/** The parts of a row that fields are looked for in. */
export type RowParts = Partial<
  Pick<Row, "inputs" | "expectations" | "metadata" | "tags" | "columns">
>;

/** The fields that slices name, without doubles. */
export function sliceFields(gates: readonly Gate[]): string[] {
  return [...new Set(gates.flatMap(({ slice = [] }) => slice.map(({ field }) => field)))];
}

/** The document or conversation that a row belongs to. */
export function clusterOf(row: RowParts): string | undefined {
  for (const field of CLUSTER_FIELDS) {
    for (const part of [row.metadata, row.columns, row.inputs]) {
      const value = own(part, field);
      if (value !== undefined && value !== null) return textOf(value);
    }
  }
  return undefined;
}

/** A field by name, or by its part of the row (`metadata.category`). */
export function fieldText(row: RowParts, field: string): string | undefined {
  const parts = { ...row };
  const [first = "", ...rest] = field.split(".");
  const part = Object.hasOwn(parts, first) ? parts[first as keyof RowParts] : undefined;
  const named = rest.length > 0 ? own(part, rest.join(".")) : undefined;
  const found =
    named ??
    [row.metadata, row.tags, row.columns, row.expectations, row.inputs]
      .map((one) => own(one, field))
      .find((value) => value !== undefined);
  return found === undefined || found === null ? undefined : textOf(found);
}

function own(part: { readonly [name: string]: JsonValue } | undefined, name: string) {
  // A mask may have left something else of it.
  return isPlainObject(part) && Object.hasOwn(part, name) ? part[name] : undefined;
}

function fieldsOf(row: RowParts): string[] {
  return [row.metadata, row.tags, row.columns, row.expectations, row.inputs].flatMap((part) =>
    Object.keys(part ?? {}),
  );
}

const textOf = (value: JsonValue) => (typeof value === "string" ? value : JSON.stringify(value));
