import type { Readable } from "node:stream";
import type {
  Decision,
  Experiment,
  GateResult,
  JsonObject,
  JsonValue,
  JudgeCall,
  Metric,
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

export interface ExperimentStore {
  /** @throws {AssayError} `already-exists` if the name is taken, also by a deleted experiment. */
  createExperiment(name: string): Promise<Experiment>;
  /** Resolves to `undefined` if no such experiment; deleted ones are still returned. */
  getExperiment(experimentId: string): Promise<Experiment | undefined>;
  getExperimentByName(name: string): Promise<Experiment | undefined>;
  /** The active experiment of this name, made if it is missing. @throws {AssayError} `conflict` if it is deleted. */
  ensureExperiment(name: string): Promise<Experiment>;
  /** Active experiments, newest first. */
  listExperiments(): Promise<Experiment[]>;
  setExperimentTag(experimentId: string, key: string, value: string): Promise<void>;
}

export interface NewRun {
  readonly experimentId: string;
  /** A random adjective-noun-number when absent. */
  readonly name?: string;
  readonly parentRunId?: string;
  readonly tags?: { readonly [key: string]: string };
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

export interface RunStore {
  createRun(run: NewRun): Promise<Run>;
  /** Resolves to `undefined` if no such run; deleted runs are still returned. */
  getRun(runId: string): Promise<Run | undefined>;
  /** The runs whose id starts with `prefix`, at most two: enough to tell whether it is unique. */
  findRunIds(prefix: string): Promise<string[]>;
  updateRun(runId: string, change: { status?: RunStatus; endTime?: number }): Promise<void>;
  /** Active runs, latest start first. */
  listRuns(query: { experimentIds?: readonly string[]; limit?: number }): Promise<Run[]>;
  /**
   * Writes params, metrics and tags, all or none. A param that is there with the same value stays as it
   * is; a point that is there is not written twice.
   *
   * @throws {AssayError} `conflict` when a param exists with another value, naming both.
   */
  logBatch(runId: string, batch: RunBatch): Promise<void>;
  /** Every point ever logged under the key, by timestamp, step and value. */
  getMetricHistory(runId: string, key: string): Promise<Metric[]>;
  /** At most `maxPoints` of them for a chart, evenly spread, with the first and the last. */
  sampleMetric(query: MetricSampleQuery): Promise<Metric[]>;
  deleteRun(runId: string): Promise<void>;
}

export type EvaluationStatus = "running" | "finished" | "incomplete" | "interrupted" | "failed";

/** What a run sets out to do; the ground on which "missing" is counted. */
export interface EvaluationPlan {
  readonly name: string;
  /** Rows of the data; absent while a stream of unknown length is still being read. */
  readonly rows?: number;
  readonly trials: number;
  readonly scorers: readonly Omit<ScorerOptions, "prepare" | "aggregations">[];
  readonly dataset: { readonly name: string; readonly digest?: string };
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
  readonly results: ResultStore;
  readonly traces: TraceStore;
  readonly artifacts: ArtifactStore;
  /** Waits for what is being written, then releases the database. */
  close(): Promise<void>;
}
