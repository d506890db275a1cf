import { AssayError, type Row } from "../core/index.ts";
import {
  type Ahead,
  lookAhead,
  type ReadOptions,
  readCandidates,
  takeSample,
} from "./look-ahead.ts";
import type { RawRows } from "./raw-data.ts";
import type { SeenColumns } from "./seen-columns.ts";
import { type Candidate, Selection } from "./selection.ts";
import { type RowTotals, TotalsSum } from "./totals.ts";

/** What is known of the rows before they are read. */
export interface DatasetSummary extends Pick<SeenColumns, "columns" | "hasOutputs"> {
  readonly first: Row;
  /** What people should know of how rows were selected, one line each. */
  readonly notes: readonly string[];
  /** Absent where only the end tells. */
  readonly rows?: number;
  /**
   * sha256 over the canonical JSON of the selected rows, in order; absent where only the end tells. A
   * registered dataset has its own, that of all its rows.
   */
  readonly digest?: string;
  /** See {@link RowTotals.askedDigest}. */
  readonly askedDigest?: string;
  /** See {@link RowTotals.unorderedDigest}. */
  readonly unorderedDigest?: string;
}

/** Data that can be read as normalised rows. */
export interface RowSource {
  readonly name: string;
  /** Which version of which registered dataset it is; absent for anything else. */
  readonly registered?: { readonly datasetId: string; readonly version: number };
  /** Whether {@link rows} may be read again and again; else a second reading is refused. */
  readonly isRepeatable: boolean;
  /** @param onEnd - Learns what there was, once the last row has been taken. */
  rows(onEnd?: (totals: RowTotals) => void): AsyncIterable<Row>;
  /**
   * Looks ahead, so that most mistakes are found before anything is paid for: at all rows of short data,
   * at the first 10,000 of longer, at the first of what can be read only once. No row is lost by it.
   *
   * @param options - `whole`: reads longer data to its end, and then once more for {@link rows}.
   * @throws {AssayError} `invalid-argument` for the first row that cannot be used, and for data without rows.
   */
  inspect(options?: { readonly whole?: boolean }): Promise<DatasetSummary>;
}

/** How far is looked ahead in data that can be read again. */
const ROWS_AHEAD = 10_000;

/** @param rowsAhead - How many rows are looked at; default as {@link RowSource.inspect} says. */
export function openRows(raw: RawRows, options: ReadOptions, rowsAhead?: number): RowSource {
  const selection = new Selection(options);
  const most = rowsAhead ?? rowsAheadOf(raw, selection);
  let ahead: Promise<Ahead> | undefined;
  let isSpent = false;

  const look = (): Promise<Ahead> => {
    const reading = () => readCandidates(raw, options, selection);
    ahead ??=
      selection.size === undefined
        ? lookAhead(raw, reading(), selection.limit, most)
        : takeSample(raw, reading(), selection, selection.size);
    return ahead;
  };

  const rows = async function* (onEnd?: (totals: RowTotals) => void): AsyncGenerator<Row> {
    const { isOnly, kept, totals, coming } = await look();
    if (kept !== undefined) {
      yield* kept;
      if (totals !== undefined) onEnd?.(totals);
      return;
    }
    if (coming !== undefined && isSpent) {
      throw new AssayError("invalid-argument", `${raw.name} can be read only once`);
    }
    isSpent = true;
    // A digest costs as much as a key: it is made where it is asked for.
    const sum = onEnd && new TotalsSum();
    let count = 0;
    const end = () => sum && onEnd?.(sum.totals());
    for await (const portion of coming ?? readCandidates(raw, options, selection).portions) {
      for (const candidate of portion) {
        if (isOnly && !candidate.isOnly) continue;
        if (!isOnly) refuseOnly(candidate, raw.name);
        sum?.add(candidate.row);
        count += 1;
        yield candidate.row;
        if (count === selection.limit) return end();
      }
    }
    end();
  };

  const inspect: RowSource["inspect"] = async ({ whole = false } = {}) => {
    const { first, columns, hasOutputs, notes, totals, coming } = await look();
    const told = { first, columns, hasOutputs, notes };
    if (totals !== undefined || coming !== undefined || !whole) return { ...told, ...totals };
    let found: RowTotals | undefined;
    for await (const _ of rows((end) => {
      found = end;
    }));
    return { ...told, ...found };
  };

  return { name: raw.name, isRepeatable: raw.access !== "once", rows, inspect };
}

function rowsAheadOf({ access }: RawRows, { limit }: Selection): number {
  if (access === "once") return 1;
  // The user's own code may fetch rows from afar: no more than are needed.
  return access === "made" ? Math.min(ROWS_AHEAD, limit) : ROWS_AHEAD;
}

/** Rows before this one have been given away already. */
function refuseOnly({ row, isOnly }: Candidate, name: string): void {
  if (!isOnly) return;
  throw new AssayError(
    "invalid-argument",
    `Row ${row.ordinal + 1} of ${name} has only: true, too late: rows before it have been evaluated. Put it among the first ${ROWS_AHEAD} rows of data that can be read again, or use filter`,
  );
}
