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

export interface RunStore {
  createRun(run: NewRun): Promise<Run>;
  /** Resolves to `undefined` if no such run; deleted runs are still returned. */
  getRun(runId: string): Promise<Run | undefined>;
  /** The runs whose id starts with `prefix`, at most two: enough to tell whether it is unique. */
  findRunIds(prefix: string): Promise<string[]>;
  updateRun(runId: string, change: { status?: RunStatus; endTime?: number }): Promise<void>;
  /** Active runs, latest start first. */
  listRuns(query: { experimentIds?: readonly string[]; limit?: number }): Promise<Run[]>;
  /** @throws {AssayError} `conflict` when the param exists with another value, naming both. */
  logParams(runId: string, params: { readonly [key: string]: string }): Promise<void>;
  logMetrics(runId: string, metrics: readonly Metric[]): Promise<void>;
  /** Every point ever logged under the key, by timestamp, step and value. */
  getMetricHistory(runId: string, key: string): Promise<Metric[]>;
  setTags(runId: string, tags: { readonly [key: string]: string }): Promise<void>;
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
  /** Resolves when the scores are durable. */
  commitScore(runId: string, score: NewScore): Promise<void>;
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

/** Files of runs. Paths are relative, with `/`; leaving the run's folder is refused. */
export interface ArtifactStore {
  write(artifactUri: string, path: string, content: string | Uint8Array): Promise<void>;
  /** @throws {AssayError} `not-found` */
  read(artifactUri: string, path: string): Promise<Uint8Array>;
  list(artifactUri: string): Promise<{ readonly path: string; readonly size: number }[]>;
}

/** Everything a tracking store offers, one port each. */
export interface TrackingStore {
  readonly uri: string;
  readonly experiments: ExperimentStore;
  readonly runs: RunStore;
  readonly results: ResultStore;
  readonly traces: TraceStore;
  readonly artifacts: ArtifactStore;
  /** Waits for what is being written, then releases the database. */
  close(): Promise<void>;
}
