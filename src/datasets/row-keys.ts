import { AssayError, canonicalJson, type Row, sha256 } from "../core/index.ts";
import { KeyTable } from "./key-table.ts";
import { type RawRow, whereOf } from "./raw-row.ts";

/** Gives every row of one pass over the data its identity. */
export class RowKeys {
  /** The number of the row with an id. */
  readonly #ids = new KeyTable();
  /** How often a row with the same inputs and expectations has been seen. */
  readonly #contents = new KeyTable();

  /**
   * The row's own id, or the sha256 of the canonical JSON of its inputs and expectations, with `#2` for
   * the second of equal rows, and so on.
   *
   * @throws {AssayError} `invalid-argument` for an id that another row has, naming both rows.
   */
  keyOf(raw: RawRow, { inputs, expectations }: Pick<Row, "inputs" | "expectations">): string {
    const id = ownId(raw);
    if (id !== undefined) {
      const other = this.#ids.update(sha256(id), (number) => number || raw.number);
      if (other !== 0) throw duplicate(raw, id, other);
      return id;
    }
    // The canonical JSON of { inputs, expectations }.
    const digest = sha256(
      `{"expectations":${canonicalJson(expectations)},"inputs":${canonicalJson(inputs)}}`,
    );
    const equals = this.#contents.update(digest, oneMore);
    return equals === 0 ? digest : `${digest}#${equals + 1}`;
  }
}

const oneMore = (count: number) => count + 1;

function duplicate(raw: RawRow, id: string, other: number): AssayError {
  const noun = raw.unit.slice(raw.unit.lastIndexOf(" ") + 1);
  return new AssayError(
    "invalid-argument",
    `${whereOf(raw)}: the id "${id}" is already that of ${noun} ${other}`,
  );
}

/** The id that the row brings along. @throws {AssayError} `invalid-argument` for one that is neither text nor number. */
export function ownId(raw: RawRow): string | undefined {
  const { id } = raw.record;
  if (id === undefined || id === null || id === "") return undefined;
  if (typeof id === "string" || typeof id === "number") return String(id);
  throw new AssayError("invalid-argument", `${whereOf(raw)}: expected id to be text or a number`);
}
