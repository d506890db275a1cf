import { AssayError, canonicalJson, createRollingDigest, type Row } from "../core/index.ts";
import { type ColumnOptions, type RawRow, RowNormalizer } from "./normalize-row.ts";

export interface DatasetSummary {
  readonly first: Row;
  /** Absent for a stream, whose length only its end tells. */
  readonly rows?: number;
  /** sha256 over the canonical JSON of all rows, in order; absent for a stream. A registered dataset has its own. */
  readonly digest?: string;
}

/** Data that can be read as normalised rows. */
export interface RowSource {
  readonly name: string;
  /** Which version of which registered dataset it is; absent for anything else. */
  readonly registered?: { readonly datasetId: string; readonly version: number };
  rows(): AsyncIterable<Row>;
  /**
   * Reads everything once, so that a bad row is found before anything is paid for; of data that can
   * be read only once, the first row, which {@link rows} then still gives.
   *
   * @throws {AssayError} `invalid-argument` for the first row that cannot be used, and for data without rows.
   */
  inspect(): Promise<DatasetSummary>;
}

/** Data that can be read as often as it is asked for. */
export function repeatable(
  name: string,
  read: () => AsyncIterable<RawRow>,
  options: ColumnOptions,
): RowSource {
  return {
    name,
    rows: () => normalized(read(), options),
    inspect: async () => {
      const digest = createRollingDigest();
      let rows = 0;
      let first: Row | undefined;
      for await (const row of normalized(read(), options)) {
        first ??= row;
        const { ordinal: _, ...content } = row;
        digest.add(canonicalJson(content));
        rows += 1;
      }
      if (first === undefined) throw noRows(name);
      return { rows, digest: digest.hex(), first };
    },
  };
}

/** Data that is gone once it has been read. */
export function onceOnly(
  name: string,
  raw: AsyncIterable<RawRow>,
  options: ColumnOptions,
): RowSource {
  const rows = normalized(raw, options);
  let peeked: Row | undefined;
  return {
    name,
    rows: async function* () {
      if (peeked !== undefined) {
        const first = peeked;
        // Not kept: rows of a stream are let go as they are done.
        peeked = undefined;
        yield first;
      }
      yield* rows;
    },
    inspect: async () => {
      const { value, done } = await rows.next();
      if (done) throw noRows(name);
      peeked = value;
      return { first: value };
    },
  };
}

export function noRows(name: string): AssayError {
  return new AssayError("invalid-argument", `${name} holds no rows`);
}

async function* normalized(
  raw: AsyncIterable<RawRow>,
  options: ColumnOptions,
): AsyncGenerator<Row, undefined> {
  const normalizer = new RowNormalizer(options);
  for await (const row of raw) yield normalizer.normalize(row);
}
