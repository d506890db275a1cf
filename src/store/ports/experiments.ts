import type { Experiment } from "../../core/index.ts";
import type { Page, SearchQuery } from "./search.ts";

export interface NewExperimentOptions {
  /** Path, `file://` or `s3://` URI for the files of its runs; default `<artifact root>/<id>`. */
  readonly artifactLocation?: string;
  readonly tags?: { readonly [key: string]: string };
}

export interface ExperimentStore {
  /**
   * The one named "Default" gets the id "0" while that is free, as MLflow's clients expect.
   *
   * @throws {AssayError} `already-exists` if the name is taken, also by a deleted experiment;
   *   `invalid-argument` for an empty name or one of more than 500 characters.
   */
  createExperiment(name: string, options?: NewExperimentOptions): Promise<Experiment>;
  /** Resolves to `undefined` if no such experiment; deleted ones are still returned. */
  getExperiment(experimentId: string): Promise<Experiment | undefined>;
  getExperimentByName(name: string): Promise<Experiment | undefined>;
  /** The active experiment of this name, made if it is missing. @throws {AssayError} `conflict` if it is deleted. */
  ensureExperiment(name: string): Promise<Experiment>;
  /** Active experiments, newest first. */
  listExperiments(): Promise<Experiment[]>;
  /**
   * A page of 1000 experiments unless said, at most 50 000.
   *
   * @throws {AssayError} `invalid-argument` for a filter, order, page size or token that cannot be used.
   */
  searchExperiments(query: SearchQuery): Promise<Page<Experiment>>;
  /** How many experiments all pages of a search have. */
  countExperiments(query: SearchQuery): Promise<number>;
  /** @throws {AssayError} `already-exists` if the name is taken; `conflict` for a deleted experiment. */
  renameExperiment(experimentId: string, name: string): Promise<void>;
  /** Puts the experiment and its active runs among the deleted ones. */
  deleteExperiment(experimentId: string): Promise<void>;
  /** Undoes {@link deleteExperiment}; runs that had been deleted before stay deleted. */
  restoreExperiment(experimentId: string): Promise<void>;
  setExperimentTag(experimentId: string, key: string, value: string): Promise<void>;
  /** @throws {AssayError} `not-found` when there is no such tag. */
  deleteExperimentTag(experimentId: string, key: string): Promise<void>;
}
