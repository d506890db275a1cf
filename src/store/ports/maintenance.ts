import type { Experiment } from "../../core/index.ts";

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

/** A number that JSON cannot hold travels as text. */
export type ExportedValue = string | number | { readonly double: string };

/** A row of the database without what is null. Ids are places in the export, counted from 1 per table. */
export interface ExportedRow {
  readonly table: string;
  readonly row: { readonly [column: string]: ExportedValue };
}

/** What is done to a database now and then, by its owner. */
export interface MaintenanceStore {
  readonly schemaVersion: number;
  /** Everything an experiment holds but its files. */
  exportRows(experimentId: string): AsyncIterable<ExportedRow>;
  /**
   * Makes an experiment of exported rows. It is seen by nobody until `finish` has run, which copies the
   * files to the experiment's artifact location; when anything fails, all of it is removed again.
   *
   * @throws {AssayError} `already-exists` when the name, a run or a trace is in the store.
   */
  importRows(
    experiment: Pick<Experiment, "name" | "creationTime" | "lastUpdateTime">,
    rows: AsyncIterable<ExportedRow>,
    finish: (artifactLocation: string) => Promise<void>,
  ): Promise<Experiment>;
  /** What was deleted before a time, in milliseconds since the Unix epoch. */
  listDeleted(before: number): Promise<DeletedEntities>;
  /**
   * Removes a deleted experiment with all that is in it; files are not touched, here and below.
   *
   * @throws {AssayError} `conflict` for one that is active, `not-found` for an unknown one; also below.
   */
  purgeExperiment(experimentId: string): Promise<void>;
  /** Removes a deleted run with its results, its traces and what was assessed in it. */
  purgeRun(runId: string): Promise<void>;
  purgeModel(modelId: string): Promise<void>;
}
