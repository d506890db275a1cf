import { canonicalJson, createRollingDigest, type Row } from "../core/index.ts";

/** What is known of the rows once all have been read. */
export interface RowTotals {
  readonly rows: number;
  /** sha256 over the canonical JSON of the selected rows, in order. */
  readonly digest: string;
}

/** Counts rows, and digests them where that is asked for. */
export class TotalsSum {
  rows = 0;
  readonly #digest: ReturnType<typeof createRollingDigest> | undefined;

  constructor(isDigested: boolean) {
    this.#digest = isDigested ? createRollingDigest() : undefined;
  }

  add(row: Row): void {
    this.rows += 1;
    this.#digest?.add(textOf(row));
  }

  totals(): RowTotals {
    return { rows: this.rows, digest: this.#digest?.hex() ?? "" };
  }
}

export function totalsOf(rows: readonly Row[]): RowTotals {
  const sum = new TotalsSum(true);
  for (const row of rows) sum.add(row);
  return sum.totals();
}

/** Where a row stands is no part of it: the order of the digest says it. */
function textOf({ ordinal: _, ...content }: Row): string {
  return canonicalJson(content);
}
