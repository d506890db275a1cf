import type { Row } from "../../core/index.ts";

/** Rows that one worker takes at once. */
export interface WorkChunk {
  readonly chunk: number;
  /** In the order in which they are to be taken. */
  readonly rows: readonly Row[];
}

/** For whom, and for how long unless it is renewed. */
export interface ChunkLease {
  readonly worker: string;
  readonly ttlMs: number;
}

/** What is not finished yet. */
export interface ChunksLeft {
  /** Chunks that can be taken now. */
  readonly free: number;
  readonly held: number;
  /** Who holds them. */
  readonly workers: readonly string[];
}

/**
 * The rows of a planned evaluation, kept until all are finished, for any number of workers. Leases run by
 * one clock, the database's where it has one.
 */
export interface WorkStore {
  /**
   * Keeps rows for {@link open}; several calls add up.
   *
   * @throws {AssayError} `invalid-argument` for a row that holds what is masked before it is stored: its
   *   model would get something else than the row.
   */
  addRows(runId: string, rows: readonly Row[]): Promise<void>;
  /** Makes the work there to be taken: for each chunk the ordinals of its rows, all chunks at once. */
  open(runId: string, chunks: readonly (readonly number[])[]): Promise<void>;
  /** Takes back what {@link addRows} and {@link open} did. */
  clear(runId: string): Promise<void>;
  /** Removes the rows; for when nothing is left to be done. */
  removeRows(runId: string): Promise<void>;
  /**
   * The first chunk that nobody holds, or whose lease has ended; its evaluation is running then, whatever
   * it was. `undefined` when there is none.
   */
  claim(runId: string, lease: ChunkLease): Promise<WorkChunk | undefined>;
  /** For all chunks that the worker holds. */
  renew(runId: string, lease: ChunkLease): Promise<void>;
  /** Gives back a chunk that the worker holds; default all of them. */
  release(runId: string, worker: string, chunk?: number): Promise<void>;
  /** Removes a chunk whose rows are finished; resolves to whether the worker still held it. */
  finish(runId: string, chunk: number, worker: string): Promise<boolean>;
  /** `undefined` unless {@link open} was called. */
  left(runId: string): Promise<ChunksLeft | undefined>;
}
