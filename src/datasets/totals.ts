import { canonicalJson, createRollingDigest, type Row, sha256 } from "../core/index.ts";

/** What is known of the rows once all have been read. */
export interface RowTotals {
  readonly rows: number;
  /** sha256 over the canonical JSON of the selected rows, in order. */
  readonly digest: string;
  /**
   * The same over what is asked, key, inputs and expectations: two files of answers to the same questions
   * agree in it. Absent where rows bring no outputs.
   */
  readonly askedDigest?: string;
  /** Of the rows in any order: the sum of their sha256 modulo 2²⁵⁶, over what is asked where they bring outputs. */
  readonly unorderedDigest: string;
}

/** Counts and digests rows. */
export class TotalsSum {
  #rows = 0;
  readonly #digest = createRollingDigest();
  #sum = 0n;
  #asked: ReturnType<typeof createRollingDigest> | undefined;

  add(row: Row): void {
    if (this.#rows === 0 && row.outputs !== undefined) this.#asked = createRollingDigest();
    this.#rows += 1;
    const { whole, asked } = textsOf(row);
    this.#digest.add(whole);
    this.#asked?.add(asked);
    this.#sum += BigInt(`0x${sha256(this.#asked === undefined ? whole : asked)}`);
  }

  totals(): RowTotals {
    const asked = this.#asked && { askedDigest: this.#asked.hex() };
    const unorderedDigest = BigInt.asUintN(256, this.#sum).toString(16).padStart(64, "0");
    return { rows: this.#rows, digest: this.#digest.hex(), unorderedDigest, ...asked };
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

const ASKED: ReadonlySet<keyof Row> = new Set(["expectations", "inputs", "rowKey"]);

/** The canonical JSON of the row, and of what it asks, written by hand: they are made of every row. */
function textsOf(row: Row): { readonly whole: string; readonly asked: string } {
  let whole = "";
  let asked = "";
  for (const member of MEMBERS) {
    const value = row[member];
    if (value === undefined) continue;
    const text = `"${member}":${canonicalJson(value)}`;
    whole += `${whole === "" ? "{" : ","}${text}`;
    if (ASKED.has(member)) asked += `${asked === "" ? "{" : ","}${text}`;
  }
  return { whole: `${whole}}`, asked: `${asked}}` };
}
