import { AssayError, canonicalJson, type Row } from "../core/index.ts";
import { type ColumnOptions, RowNormalizer } from "./normalize-row.ts";
import type { RawRows } from "./raw-data.ts";
import type { RawRow } from "./raw-row.ts";
import type { SeenColumns } from "./seen-columns.ts";
import { type Candidate, Sample, type Selection, type SelectionOptions } from "./selection.ts";
import { type RowTotals, totalsOf } from "./totals.ts";

export type ReadOptions = ColumnOptions & SelectionOptions;

/** What a look ahead has found. */
export interface Ahead extends Pick<SeenColumns, "columns" | "hasOutputs"> {
  readonly first: Row;
  /** Whether rows that ask for it are taken alone. */
  readonly isOnly: boolean;
  /** What people should know of the selection, one line each. */
  readonly notes: readonly string[];
  /** All rows, where they are few. */
  readonly kept?: readonly Row[];
  readonly totals?: RowTotals;
  /** Of data that can be read only once: what comes, from the first row on. */
  readonly coming?: AsyncIterable<Iterable<Candidate>>;
}

/** One pass over the data. */
export interface Reading {
  readonly portions: AsyncGenerator<Iterable<Candidate>>;
  /** How many rows have been read, selected or not. */
  readonly count: { rows: number };
  /** What these tell of the data. */
  readonly seen: () => SeenColumns;
}

/** Rows are kept for the second reading as long as their JSON has no more characters than this. */
const CHARACTERS_KEPT = 8 * 1024 * 1024;

/** Reads, names and selects rows, each only when it is asked for. */
export function readCandidates(raw: RawRows, options: ReadOptions, selection: Selection): Reading {
  const normalizer = new RowNormalizer(options);
  const count = { rows: 0 };
  function* choose(portion: Iterable<RawRow>): Generator<Candidate> {
    for (const one of portion) {
      const row = normalizer.normalize(one);
      count.rows += 1;
      const candidate = selection.consider(row);
      if (candidate !== undefined) yield candidate;
    }
  }
  async function* portions(): AsyncGenerator<Iterable<Candidate>> {
    for await (const portion of raw.read()) yield choose(portion);
  }
  return { portions: portions(), count, seen: () => normalizer.seen };
}

/**
 * @param most - How many rows are read, unless none of them is selected.
 * @throws {AssayError} `invalid-argument` for data without rows, or of which none is selected.
 */
export async function lookAhead(
  { name, access }: RawRows,
  { portions, count, seen }: Reading,
  limit: number,
  most: number,
): Promise<Ahead> {
  const found: Candidate[] = [];
  let characters = 0;
  let current: Iterator<Candidate> | undefined;
  let hasEnded = false;
  const isEnough = () => found.length > 0 && (count.rows >= most || characters > CHARACTERS_KEPT);
  while (!isEnough() && !hasEnded) {
    const next = await portions.next();
    hasEnded = next.done === true;
    if (next.done) break;
    current = next.value[Symbol.iterator]();
    while (!isEnough()) {
      const candidate = current.next();
      if (candidate.done) break;
      found.push(candidate.value);
      characters += canonicalJson(candidate.value.row).length;
    }
  }
  const isOnly = found.some((candidate) => candidate.isOnly);
  const rows = found.filter((one) => one.isOnly || !isOnly).map(({ row }) => row);
  const [first] = rows;
  if (first === undefined) throw noRows(name, count.rows);
  const { columns, hasOutputs, unheeded } = seen();
  const told = { first, isOnly, columns, hasOutputs };
  if (hasEnded || rows.length >= limit) {
    await portions.return(undefined);
    const kept = rows.slice(0, limit);
    const share = hasEnded ? { taken: rows.length, of: count.rows } : undefined;
    const notes = notesOf(unheeded, isOnly, share);
    return { ...told, notes, kept, totals: totalsOf(kept) };
  }
  const notes = notesOf(unheeded, isOnly);
  if (access === "once") return { ...told, notes, coming: resumed(found, current, portions) };
  await portions.return(undefined);
  return { ...told, notes };
}

/** Reads everything, for the rows of the smallest hashes. */
export async function takeSample(
  { name }: RawRows,
  { portions, count, seen }: Reading,
  selection: Selection,
  size: number,
): Promise<Ahead> {
  const all = new Sample(size);
  const marked = new Sample(size);
  for await (const portion of portions) {
    for (const { row, isOnly } of portion) {
      const hash = selection.hashOf(row);
      all.add(row, hash);
      if (isOnly) marked.add(row, hash);
    }
  }
  const only = marked.rows();
  const kept = (only.length > 0 ? only : all.rows()).slice(0, selection.limit);
  const [first] = kept;
  if (first === undefined) throw noRows(name, count.rows);
  const { columns, hasOutputs, unheeded } = seen();
  const isOnly = only.length > 0;
  const notes = notesOf(unheeded, isOnly, { taken: only.length, of: count.rows });
  return { first, isOnly, columns, hasOutputs, notes, kept, totals: totalsOf(kept) };
}

/** @param share - How many rows were chosen by `only`, where all have been read. */
function notesOf(
  unheeded: readonly string[],
  isOnly: boolean,
  share?: { readonly taken: number; readonly of: number },
): string[] {
  const notes: string[] = [];
  if (isOnly) {
    notes.push(
      share === undefined
        ? "only rows with only: true are taken"
        : `${share.taken} of ${share.of} rows: only those with only: true`,
    );
  }
  if (unheeded.length > 0) {
    notes.push(
      `${unheeded.join(" and ")} in a flat row is an input of the model and selects nothing; give the row's inputs as inputs: { … }, or use filter (--filter)`,
    );
  }
  return notes;
}

async function* resumed(
  found: readonly Candidate[],
  current: Iterator<Candidate> | undefined,
  portions: AsyncGenerator<Iterable<Candidate>>,
): AsyncGenerator<Iterable<Candidate>> {
  try {
    yield found;
    if (current !== undefined) yield { [Symbol.iterator]: () => current };
    yield* portions;
  } finally {
    // Also when the limit is met in what was read already.
    await portions.return(undefined);
  }
}

function noRows(name: string, read: number): AssayError {
  const problem =
    read === 0
      ? `${name} holds no rows`
      : `None of the ${read} rows of ${name} is selected: each is skipped, filtered out or not in the sample`;
  return new AssayError("invalid-argument", problem);
}
