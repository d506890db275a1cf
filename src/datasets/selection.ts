import { AssayError, describeError, isAssayError, type Row, sha256 } from "../core/index.ts";

/** Which rows of the data are wanted. What is not selected keeps its place: ordinals and keys do not change. */
export interface SelectionOptions {
  /** Only the first so many rows of those selected otherwise; an integer of at least 1. */
  readonly limit?: number;
  /**
   * In (0, 1]: about this share of the rows, each by a hash of `seed` and its key, so that a row is in
   * or out whatever the order and the other rows are. An integer from 2 on: exactly so many, those of the
   * smallest hashes, which takes a look at every row before the first is given.
   */
  readonly sample?: number;
  /** Of the sample; an integer. Default 0. */
  readonly seed?: number;
  /** Only the rows for which it gives true. */
  readonly filter?: (row: Row) => boolean;
}

/** A row that may be selected. */
export interface Candidate {
  readonly row: Row;
  /** Whether it asks that only rows such as itself be taken. */
  readonly isOnly: boolean;
}

/** Chooses among the rows of the data, one by one. */
export class Selection {
  readonly limit: number;
  /** How many rows a sample by number has. */
  readonly size: number | undefined;
  readonly #share: number;
  readonly #seed: number;
  readonly #filter: ((row: Row) => boolean) | undefined;

  /** @throws {AssayError} `invalid-argument` for an option out of its range. */
  constructor({ limit, sample = 1, seed = 0, filter }: SelectionOptions) {
    check("limit", limit ?? 1, "an integer of at least 1", isCount);
    const sampleText = "a share in (0, 1] or an integer of at least 2";
    check("sample", sample, sampleText, (value) => (value > 0 && value <= 1) || isCount(value));
    check("seed", seed, "an integer", Number.isSafeInteger);
    if (filter !== undefined && typeof filter !== "function") {
      throw new AssayError(
        "invalid-argument",
        `Expected filter to be a function from a row to true or false, got ${typeof filter}`,
      );
    }
    this.limit = limit ?? Number.POSITIVE_INFINITY;
    this.size = sample > 1 ? sample : undefined;
    this.#share = Math.min(sample, 1);
    this.#seed = seed;
    this.#filter = filter;
  }

  /** Whether every row is taken, up to the limit. */
  get isEverything(): boolean {
    return this.size === undefined && this.#share === 1 && this.#filter === undefined;
  }

  /** The row, unless it is left out, without what it says of its own selection. */
  consider(given: Row): Candidate | undefined {
    const { row, only, skip } = takeMarks(given);
    if (skip) return undefined;
    if (this.#filter !== undefined && !this.#passes(this.#filter, row)) return undefined;
    if (this.#share < 1 && this.hashOf(row) >= this.#share) return undefined;
    return { row, isOnly: only };
  }

  /** A number in [0, 1) that the seed and the key of the row decide. */
  hashOf({ rowKey }: Row): number {
    // 52 bits, which a double holds exactly.
    return Number.parseInt(sha256(`${this.#seed}\n${rowKey}`).slice(0, 13), 16) / 2 ** 52;
  }

  #passes(filter: (row: Row) => boolean, row: Row): boolean {
    let passes: unknown;
    try {
      passes = filter(row);
    } catch (cause) {
      if (isAssayError(cause)) throw cause;
      const problem = `The filter failed on row ${row.ordinal + 1}: ${describeError(cause)}`;
      throw new AssayError("invalid-argument", problem, { cause });
    }
    if (typeof passes === "boolean") return passes;
    const found = passes instanceof Promise ? "a promise" : typeof passes;
    throw new AssayError(
      "invalid-argument",
      `Expected filter to give true or false, got ${found} for row ${row.ordinal + 1}`,
    );
  }
}

/** Keeps the rows of the smallest hashes, at most twice as many as are wanted. */
export class Sample {
  readonly #size: number;
  #entries: { readonly row: Row; readonly hash: number }[] = [];
  #largest = Number.POSITIVE_INFINITY;

  constructor(size: number) {
    this.#size = size;
  }

  add(row: Row, hash: number): void {
    if (hash > this.#largest) return;
    this.#entries.push({ row, hash });
    if (this.#entries.length >= 2 * this.#size) this.#shrink();
  }

  /** In the order of the data. */
  rows(): Row[] {
    this.#shrink();
    return this.#entries.map(({ row }) => row).sort((a, b) => a.ordinal - b.ordinal);
  }

  #shrink(): void {
    this.#entries.sort((a, b) => a.hash - b.hash || (a.row.rowKey < b.row.rowKey ? -1 : 1));
    this.#entries.length = Math.min(this.#entries.length, this.#size);
    if (this.#entries.length === this.#size) this.#largest = this.#entries.at(-1)?.hash ?? 0;
  }
}

/**
 * Takes `only: true` and `skip: true` out of the columns. A flat row has none: whatever it holds is an
 * input of the model, also under these names.
 */
function takeMarks(row: Row): { row: Row; only: boolean; skip: boolean } {
  const { only, skip, ...others } = row.columns ?? {};
  if (typeof only !== "boolean" && typeof skip !== "boolean") {
    return { row, only: false, skip: false };
  }
  const columns = {
    ...others,
    ...(only !== undefined && typeof only !== "boolean" && { only }),
    ...(skip !== undefined && typeof skip !== "boolean" && { skip }),
  };
  const { columns: _, ...content } = row;
  const isLeft = Object.keys(columns).length > 0;
  return {
    row: isLeft ? { ...content, columns } : content,
    only: only === true,
    skip: skip === true,
  };
}

const isCount = (value: number) => Number.isInteger(value) && value >= 1;

function check(
  option: string,
  value: number,
  expected: string,
  isValid: (value: number) => boolean,
): void {
  if (typeof value === "number" && isValid(value)) return;
  throw new AssayError("invalid-argument", `Expected ${option} to be ${expected}, got ${value}`);
}
