import type {
  InputDataset,
  Metric,
  ModelInput,
  ModelOutput,
  Run,
  RunStatus,
} from "../../core/index.ts";
import type { Page, SearchQuery } from "./search.ts";

export interface NewRun {
  readonly experimentId: string;
  /** Or the tag `mlflow.runName`; a random adjective-noun-number when both are absent. */
  readonly name?: string;
  readonly parentRunId?: string;
  readonly tags?: { readonly [key: string]: string };
  /** Milliseconds since the epoch; now when absent. */
  readonly startTime?: number;
  /** Default `RUNNING`. */
  readonly status?: RunStatus;
  /** Becomes the tag `mlflow.user`, unless there is one. */
  readonly userId?: string;
}

export interface RunChange {
  readonly status?: RunStatus;
  /** Milliseconds since the epoch. */
  readonly endTime?: number;
  readonly name?: string;
}

export interface MetricSampleQuery {
  readonly runId: string;
  readonly key: string;
  /** Inclusive. */
  readonly startStep?: number;
  readonly endStep?: number;
  /** At least 2. */
  readonly maxPoints: number;
}

export interface RunBatch {
  readonly params?: { readonly [key: string]: string };
  readonly metrics?: readonly Metric[];
  readonly tags?: { readonly [key: string]: string };
}

/** What a run used; datasets are told apart by experiment, name and digest. */
export interface NewRunInputs {
  readonly datasets?: readonly {
    readonly dataset: InputDataset;
    readonly tags?: { readonly [key: string]: string };
  }[];
  readonly models?: readonly ModelInput[];
}

export interface RunStore {
  /** @throws {AssayError} `invalid-argument` when name and tag `mlflow.runName` differ. */
  createRun(run: NewRun): Promise<Run>;
  /** Resolves to `undefined` if no such run; deleted runs are still returned. */
  getRun(runId: string): Promise<Run | undefined>;
  /** The runs whose id starts with `prefix`, at most two: enough to tell whether it is unique. */
  findRunIds(prefix: string): Promise<string[]>;
  /** A new name becomes the tag `mlflow.runName` too, as setting that tag renames the run. */
  updateRun(runId: string, change: RunChange): Promise<void>;
  /** Active runs, latest start first. */
  listRuns(query: { experimentIds?: readonly string[]; limit?: number }): Promise<Run[]>;
  /**
   * A page of 1000 runs unless said, at most 50 000. A run that is there throughout is on exactly one
   * page, whatever is written meanwhile to others.
   *
   * @throws {AssayError} `invalid-argument` for a filter, order, page size or token that cannot be used.
   */
  searchRuns(query: SearchQuery): Promise<Page<Run>>;
  /** How many runs all pages of a search have. */
  countRuns(query: SearchQuery): Promise<number>;
  /**
   * Writes params, metrics and tags, all or none. A param that is there with the same value stays as it
   * is; a point that is there is not written twice. A point with a `modelId` is the model's too.
   *
   * @throws {AssayError} `conflict` when a param exists with another value, naming both, and when a tag
   *   would change that is set once (`mlflow.user`, `mlflow.artifactLocation`); `invalid-argument` for
   *   more than 1000 metrics, 100 params, 100 tags or 1000 of all, and for keys and values too long.
   */
  logBatch(runId: string, batch: RunBatch): Promise<void>;
  /** @throws {AssayError} `not-found` when there is no such tag. */
  deleteTag(runId: string, key: string): Promise<void>;
  /** Notes what the run uses; a dataset that the experiment knows stays as it is, tags are added. */
  logInputs(runId: string, inputs: NewRunInputs): Promise<void>;
  /** Notes which models the run made; the step of one that is noted already is replaced. */
  logOutputs(runId: string, models: readonly ModelOutput[]): Promise<void>;
  /** Every point ever logged under the key, by timestamp, step and value. */
  getMetricHistory(runId: string, key: string): Promise<Metric[]>;
  /** At most `maxPoints` of them for a chart, evenly spread, with the first and the last. */
  sampleMetric(query: MetricSampleQuery): Promise<Metric[]>;
  deleteRun(runId: string): Promise<void>;
  /** @throws {AssayError} `conflict` for a run that is not deleted, or whose experiment is. */
  restoreRun(runId: string): Promise<void>;
}
