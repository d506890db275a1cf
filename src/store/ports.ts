import type { Readable } from "node:stream";
import type {
  Decision,
  Experiment,
  GateResult,
  InputDataset,
  JsonObject,
  JsonValue,
  JudgeCall,
  LoggedModel,
  LoggedModelStatus,
  Metric,
  ModelInput,
  ModelOutput,
  ResultRow,
  Run,
  RunStatus,
  Score,
  ScorerOptions,
  Scrubber,
  Span,
  Summary,
  Trace,
  TraceInfo,
  Usage,
  Verdict,
} from "../core/index.ts";
import type { DatasetStore } from "./ports/datasets.ts";

export type * from "./ports/datasets.ts";

/** What to search for; texts and limits are MLflow's, with OR, NOT and parentheses in filters. */
export interface SearchQuery {
  /** All experiments when absent. An id that is not a number is one of no experiment. */
  readonly experimentIds?: readonly string[];
  /** E.g. `metrics.accuracy > 0.9 AND params.model = 'm'`. */
  readonly filter?: string;
  /** E.g. `["metrics.accuracy DESC", "start_time"]`; latest first when absent. */
  readonly orderBy?: readonly string[];
  /** Of one page. */
  readonly maxResults?: number;
  /** Of the page before; it belongs to one filter, order and scope. */
  readonly pageToken?: string;
  /** Default `active`. Traces follow their experiment. */
  readonly lifecycle?: "active" | "deleted" | "all";
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Absent on the last page. */
  readonly nextPageToken?: string;
}

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

export interface NewLoggedModel {
  readonly experimentId: string;
  /** A random adjective-noun-number when absent; without any of `/ : . % " '`. */
  readonly name?: string;
  readonly modelType?: string;
  readonly sourceRunId?: string;
  readonly params?: { readonly [key: string]: string };
  readonly tags?: { readonly [key: string]: string };
}

/** Versions of applications and models, as MLflow 3 logs them. An unknown model is `not-found`. */
export interface LoggedModelStore {
  /** The model is `PENDING` until it is finalized. */
  createLoggedModel(model: NewLoggedModel): Promise<LoggedModel>;
  /** Resolves to `undefined` if there is no such model, or a deleted one that is not asked for. */
  getLoggedModel(
    modelId: string,
    options?: { readonly includeDeleted?: boolean },
  ): Promise<LoggedModel | undefined>;
  /**
   * A page of 100 models unless said. A filter on a metric lets a model through of which one point fits;
   * an order goes by the latest points.
   *
   * @throws {AssayError} `invalid-argument` for a filter, order, page size or token that cannot be used.
   */
  searchLoggedModels(query: SearchQuery): Promise<Page<LoggedModel>>;
  finalizeLoggedModel(
    modelId: string,
    status: Exclude<LoggedModelStatus, "PENDING">,
  ): Promise<LoggedModel>;
  setLoggedModelTags(modelId: string, tags: { readonly [key: string]: string }): Promise<void>;
  /** @throws {AssayError} `not-found` when there is no such tag. */
  deleteLoggedModelTag(modelId: string, key: string): Promise<void>;
  /** @throws {AssayError} `conflict` when a param exists with another value. */
  logLoggedModelParams(modelId: string, params: { readonly [key: string]: string }): Promise<void>;
  deleteLoggedModel(modelId: string): Promise<void>;
  restoreLoggedModel(modelId: string): Promise<void>;
}

export type EvaluationStatus = "running" | "finished" | "incomplete" | "interrupted" | "failed";

/** The data of an evaluation, as it was: what a registered dataset became later changes nothing here. */
export interface PlannedDataset {
  readonly name: string;
  /** Absent for a stream. */
  readonly digest?: string;
  /** Of a registered dataset, pinned for the whole run. */
  readonly datasetId?: string;
  readonly version?: number;
}

/** What a run sets out to do; the ground on which "missing" is counted. */
export interface EvaluationPlan {
  readonly name: string;
  /** Rows of the data; absent while a stream of unknown length is still being read. */
  readonly rows?: number;
  readonly trials: number;
  readonly scorers: readonly Omit<ScorerOptions, "prepare" | "aggregations">[];
  readonly dataset: PlannedDataset;
  readonly model?: string;
}

export interface EvaluationOutcome {
  readonly status: Exclude<EvaluationStatus, "running">;
  readonly verdict?: Verdict;
  readonly decision?: Decision;
  readonly gates: readonly GateResult[];
  readonly summaries: { readonly [scorer: string]: Summary };
  readonly usage: Usage;
  readonly durationMs: number;
  /** Why it is incomplete or failed, one line per reason. */
  readonly problems: readonly string[];
  /** Keys of the scorers that lack more scores than allowed: their means speak for too few rows. */
  readonly incompleteScorers: readonly string[];
}

export interface EvaluationRecord extends EvaluationPlan {
  readonly runId: string;
  readonly status: EvaluationStatus;
  /** Absent until the evaluation is finalised. */
  readonly outcome?: EvaluationOutcome;
}

export interface NewResult {
  readonly rowKey: string;
  readonly ordinal: number;
  readonly trial: number;
  readonly inputs: JsonObject;
  readonly expectations: JsonObject;
  readonly outcome: { readonly outputs: JsonValue } | { readonly error: string };
  readonly latencyMs?: number;
  readonly usage?: Usage;
  readonly traceId?: string;
}

export interface NewScore {
  readonly resultId: number;
  /** Key of a scorer of the plan, e.g. `relevance/v1`. */
  readonly scorer: string;
  /** The first is the verdict on the row as a whole, the others speak of its parts. */
  readonly scores: readonly Score[];
  readonly calls?: readonly JudgeCall[];
}

/** How many verdicts of each kind one scorer has committed; one per result. */
export interface ScoreCounts {
  readonly scored: number;
  readonly failed: number;
  readonly notApplicable: number;
}

/** Parallel columns: `values[i]` is the verdict on a trial of row `ordinals[i]`. */
export interface ScoreValues {
  readonly ordinals: Float64Array;
  readonly values: Float64Array;
  /** Whether every verdict was yes or no, so that the mean is a rate. */
  readonly isRate: boolean;
}

export interface ResultCounts {
  readonly completed: number;
  readonly failed: number;
  /** Of the model under test and the judges together. */
  readonly usage: Usage;
}

export interface ResultQuery {
  readonly limit?: number;
  /** Only results whose model failed or that a scorer could not score. */
  readonly failed?: boolean;
  /** Lowest scores of this scorer first (highest, when smaller is better); unscored rows come last. */
  readonly worst?: string;
}

/** Persists evaluations: results when the model answers, scores when their judge answers. */
export interface ResultStore {
  beginEvaluation(runId: string, plan: EvaluationPlan): Promise<void>;
  /** Completes the plan of a stream once it has ended. */
  setPlannedRows(runId: string, rows: number): Promise<void>;
  /** Resolves to the result's id when it is durable. */
  commitResult(runId: string, result: NewResult): Promise<number>;
  /** Several at once, all or none; resolves to their ids in the same order. */
  commitResults(runId: string, results: readonly NewResult[]): Promise<number[]>;
  /** Resolves when the scores are durable. */
  commitScore(runId: string, score: NewScore): Promise<void>;
  /** Several at once, all or none. */
  commitScores(runId: string, scores: readonly NewScore[]): Promise<void>;
  finishEvaluation(runId: string, outcome: EvaluationOutcome): Promise<void>;
  getEvaluation(runId: string): Promise<EvaluationRecord | undefined>;
  countResults(runId: string): Promise<ResultCounts>;
  countScores(runId: string, scorer: string): Promise<ScoreCounts>;
  /** The numeric verdicts of one scorer (booleans and yes/no as 1 and 0), in row order. */
  scoreValues(runId: string, scorer: string): Promise<ScoreValues>;
  /** Milliseconds of every model call that answered. */
  latencies(runId: string): Promise<Float64Array>;
  /** Results in row order unless `worst` is given; read page by page, never all at once. */
  listResults(runId: string, query?: ResultQuery): AsyncIterable<ResultRow>;
}

export interface TraceQuery {
  readonly experimentIds?: readonly string[];
  readonly runId?: string;
  readonly limit?: number;
}

export interface TraceStore {
  /**
   * Adds a trace with the spans known so far; late spans of a known trace are added to it. Duplicates are
   * ignored. A trace that is known as `IN_PROGRESS` takes over state, duration and previews from the
   * first that comes with another state.
   */
  writeTrace(info: TraceInfo, spans: readonly Span[]): Promise<void>;
  getTrace(traceId: string): Promise<Trace | undefined>;
  /** Newest first. */
  listTraces(query: TraceQuery): Promise<TraceInfo[]>;
  /**
   * A page of 100 traces unless said, at most 500.
   *
   * @throws {AssayError} `invalid-argument` for a filter, order, page size or token that cannot be used.
   */
  searchTraces(query: SearchQuery): Promise<Page<TraceInfo>>;
  /** How many traces all pages of a search have. */
  countTraces(query: SearchQuery): Promise<number>;
  /** The traces whose id starts with `prefix`, at most two. */
  findTraceIds(prefix: string): Promise<string[]>;
}

/** Text (stored as UTF-8), bytes, or a stream of bytes: Node's and web streams fit. */
export type ArtifactContent = string | Uint8Array | AsyncIterable<Uint8Array>;

export interface ArtifactFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

export interface WrittenArtifact extends ArtifactFile {
  /** Of the whole content, as 64 lower-case hex digits. */
  readonly sha256: string;
}

/** A file, or a folder, which has no size of its own. */
export type ArtifactEntry =
  | { readonly path: string; readonly isFolder: false; readonly size: number }
  | { readonly path: string; readonly isFolder: true };

/** Bytes `[start, end)`, as in `slice`; a negative `start` counts from the end and stands alone. */
export interface ByteRange {
  readonly start: number;
  readonly end?: number;
}

export interface ArtifactStream {
  /** Bytes of the whole file. */
  readonly size: number;
  /** The part that `content` holds: bytes `[start, end)`. */
  readonly start: number;
  readonly end: number;
  /** Read it to its end or destroy it: it holds a file or a connection. */
  readonly content: Readable;
}

/**
 * Files of runs, below the artifact URI of a run: a `file:` URL, a path or `s3://bucket/prefix`. Paths are
 * relative, with `/`; whatever could leave the run's folder is refused as `invalid-argument`. A path that
 * is not there is `not-found`, a store that does not answer `unavailable`.
 */
export interface ArtifactStore {
  /** Puts a whole file in place, streaming: a reader sees the old content or the new one, never half. */
  write(artifactUri: string, path: string, content: ArtifactContent): Promise<WrittenArtifact>;
  /** @throws {AssayError} `conflict` when the content is not what was written ("damaged"). */
  read(artifactUri: string, path: string): Promise<Uint8Array>;
  /** As {@link read}, without holding the file in memory; of a range, damage is not noticed. */
  stream(artifactUri: string, path: string, range?: ByteRange): Promise<ArtifactStream>;
  /** Every file below the run's folder, or one folder of it, sorted by path; none when it is not there. */
  list(artifactUri: string, folder?: string): Promise<ArtifactFile[]>;
  /** One level of {@link list}: the files and folders directly in a folder, sorted by path. */
  listFolder(artifactUri: string, folder?: string): Promise<ArtifactEntry[]>;
  /** Removes a file, a folder with all it holds, or everything; what is not there is fine. */
  delete(artifactUri: string, path?: string): Promise<void>;
}

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

/** Everything a tracking store offers, one port each. */
export interface TrackingStore {
  readonly uri: string;
  /**
   * Has been over everything that is written but artifacts, which are kept byte by byte: who makes them
   * of texts uses it first.
   */
  readonly scrubber: Scrubber;
  readonly experiments: ExperimentStore;
  readonly runs: RunStore;
  readonly loggedModels: LoggedModelStore;
  readonly results: ResultStore;
  readonly traces: TraceStore;
  readonly datasets: DatasetStore;
  readonly artifacts: ArtifactStore;
  /** Absent where the database is not ours: at a tracking server. */
  readonly maintenance?: MaintenanceStore;
  /** Waits for what is being written, then releases the database. */
  close(): Promise<void>;
}
