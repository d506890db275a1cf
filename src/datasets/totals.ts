import { canonicalJson, createRollingDigest, type Row } from "../core/index.ts";

/** What is known of the rows once all have been read. */
export interface RowTotals {
  readonly rows: number;
  /** sha256 over the canonical JSON of the selected rows, in order. */
  readonly digest: string;
}

/** Counts and digests rows. */
export class TotalsSum {
  #rows = 0;
  readonly #digest = createRollingDigest();

  add(row: Row): void {
    this.#rows += 1;
    this.#digest.add(textOf(row));
  }

  totals(): RowTotals {
    return { rows: this.#rows, digest: this.#digest.hex() };
  }
}

export function totalsOf(rows: readonly Row[]): RowTotals {
  const sum = new TotalsSum();
  for (const row of rows) sum.add(row);
  return sum.totals();
}

/** Every member but the ordinal: where a row stands, the order of the digest says. Sorted. */
const MEMBERS = Object.keys({
  columns: true,
  context: true,
  expectations: true,
  inputs: true,
  metadata: true,
  outputs: true,
  rowKey: true,
  tags: true,
  traceId: true,
} satisfies {
  readonly [member in keyof Required<Omit<Row, "ordinal">>]: true;
}) as readonly (keyof Row)[];

/** The canonical JSON of the row, written by hand: it is made of every row. */
function textOf(row: Row): string {
  let text = "";
  for (const member of MEMBERS) {
    const value = row[member];
    if (value !== undefined)
      text += `${text === "" ? "{" : ","}"${member}":${canonicalJson(value)}`;
  }
  return `${text}}`;
}
