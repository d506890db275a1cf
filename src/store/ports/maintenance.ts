import type { Experiment } from "../../core/index.ts";

/** What can be deleted, and then be removed for good. */
export type DeletedKind = "experiment" | "run" | "model";

/** Something that was deleted and is still there, and where its files are. */
export interface DeletedEntity {
  readonly id: string;
  readonly name: string;
  readonly artifactUri: string;
}

export interface DeletedEntities {
  readonly experiments: readonly DeletedEntity[];
  readonly runs: readonly DeletedEntity[];
  readonly models: readonly DeletedEntity[];
}

/** Where the files of something are, and nobody else's. */
export interface OwnFiles {
  /** URIs of folders that hold nothing else. */
  readonly folders: readonly string[];
  /** The folder around them, of no use when nothing is left in it. */
  readonly around?: string;
}

/** A number that JSON cannot hold travels as text. */
export type ExportedValue = string | number | { readonly double: string };

/** A row of the database without what is null. Ids are places in the export, counted from 1 per table. */
export interface ExportedRow {
  readonly table: string;
  readonly row: { readonly [column: string]: ExportedValue };
  /** Where the files of a run or model lie: in the store that is exported, and in the export. */
  readonly files?: { readonly uri: string; readonly path: string };
  /** Where the row was read, for messages. */
  readonly source?: string;
}

/** What is done to a database now and then, by its owner. */
export interface MaintenanceStore {
  readonly schemaVersion: number;
  /**
   * Everything an experiment holds but its files, and the registered datasets that its runs name or that
   * are linked to it, as they are when the first row is read.
   */
  exportRows(experimentId: string): AsyncIterable<ExportedRow>;
  /**
   * Makes an experiment of exported rows. It is seen by nobody until `finish` has run, which copies the
   * files to the experiment's artifact location; when anything fails, all rows are removed again. A
   * registered dataset is seen before: one that is in the store gets the versions that it lacks.
   *
   * @throws {AssayError} `already-exists` when the name, a run or a trace is in the store, or another
   *   dataset with the name of one; `conflict` for a dataset of which a version holds other records in the
   *   store; `invalid-argument` for a row that no experiment can have.
   */
  importRows(
    experiment: Pick<Experiment, "name" | "creationTime" | "lastUpdateTime">,
    rows: AsyncIterable<ExportedRow>,
    finish: (artifactLocation: string) => Promise<void>,
  ): Promise<Experiment>;
  /**
   * What was deleted before a time, in milliseconds since the Unix epoch, and what was claimed at any
   * time and is still there.
   */
  listDeleted(before: number): Promise<DeletedEntities>;
  /**
   * Takes hold of something that {@link listDeleted} tells, so that nobody can restore it.
   *
   * @returns Where its files are; `undefined` when it has been restored or removed meanwhile.
   */
  claim(kind: DeletedKind, id: string, before: number): Promise<OwnFiles | undefined>;
  /**
   * Removes what was claimed, but not its files: an experiment with all that is in it, a run with its
   * results, its traces and what was assessed in it, a model with what was logged of it anywhere.
   *
   * @returns Whether it was there: false when another call has removed it.
   * @throws {AssayError} `conflict` for what is not claimed.
   */
  purge(kind: DeletedKind, id: string): Promise<boolean>;
}
