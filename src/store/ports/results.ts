import type {
  Decision,
  GateResult,
  JsonObject,
  JsonValue,
  JudgeCall,
  ResultRow,
  Score,
  ScorerOptions,
  Summary,
  Usage,
  Verdict,
} from "../../core/index.ts";

export type EvaluationStatus = "running" | "finished" | "incomplete" | "interrupted" | "failed";

/** The data of an evaluation, as it was: what a registered dataset became later changes nothing here. */
export interface PlannedDataset {
  readonly name: string;
  /** Absent for a stream. */
  readonly digest?: string;
  /** Of what is asked, without the outputs that the rows brought; absent where they brought none. */
  readonly askedDigest?: string;
  /** The same whatever the order of the rows; absent in runs of before it was kept. */
  readonly unorderedDigest?: string;
  /** Of a registered dataset, pinned for the whole run. */
  readonly datasetId?: string;
  readonly version?: number;
}

/** What a run sets out to do; the ground on which "missing" is counted. */
export interface EvaluationPlan {
  /** Its results keep metadata, tags, other columns and the group of their rows; older runs kept none. */
  readonly keepsFields?: true;
  /** Of a run that does not: its rows say which document or conversation they belong to. */
  readonly hasGroups?: true;
  readonly name: string;
  /** Rows of the data; absent while a stream of unknown length is still being read. */
  readonly rows?: number;
  readonly trials: number;
  readonly scorers: readonly Omit<
    ScorerOptions,
    "prepare" | "aggregations" | "corpus" | "columns"
  >[];
  readonly dataset: PlannedDataset;
  readonly model?: string;
  /** How far apart the trials of a row may be, as a share of the scale, before it counts as flaky. */
  readonly flakySpread?: number;
  /** By aspect, e.g. `data`, `model`, `scorer relevance/v1`. */
  readonly configuration?: EvaluationConfiguration;
  /** What decides on it at its end, which each of several workers has to know alike; likewise by aspect. */
  readonly terms?: EvaluationConfiguration;
}

/** What a plan says of the data, which may be other data once its run goes on. */
export type DataPlan = Pick<EvaluationPlan, "rows" | "dataset" | "configuration">;

export interface EvaluationOutcome {
  readonly status: Exclude<EvaluationStatus, "running">;
  readonly verdict?: Verdict;
  readonly decision?: Decision;
  readonly gates: readonly GateResult[];
  readonly summaries: { readonly [scorer: string]: Summary };
  readonly usage: Usage;
  readonly durationMs: number;
  /** What the judges called, by scorer key; absent where none did. */
  readonly judges?: { readonly [scorer: string]: CallTotals };
  /** Why it is incomplete or failed, one line per reason. */
  readonly problems: readonly string[];
  /** What else must be known to read the metrics, one line each. */
  readonly notes?: readonly string[];
  /** Keys of the scorers that lack more scores than allowed: their means speak for too few rows. */
  readonly incompleteScorers: readonly string[];
  /** Whether its gates demanded the whole interval. */
  readonly strict?: boolean;
  /** What it was decided on, which a resumed run may have changed since the plan. */
  readonly terms?: EvaluationConfiguration;
  /** Metrics of theirs under keys of their own, e.g. `roc_auc`. */
  readonly incompleteMetrics?: readonly string[];
  /** Set where judging stopped because every gate was certain: the scores are part of the rows. */
  readonly adaptive?: AdaptiveOutcome;
  /** Why a limit on time, cost or tokens ended it before its rows did: it may be resumed. */
  readonly stop?: string;
}

/** How far a run came before its gates were certain. */
export interface AdaptiveOutcome {
  /** Rows that were judged, and all there are. */
  readonly judged: number;
  readonly rows: number;
  /** US dollars that the others would have cost at the price of these; absent where cost is not known. */
  readonly savedCost?: number;
}

/** What identifies an evaluation: a run is resumed only by one that would do the same. */
export interface EvaluationConfiguration {
  readonly [aspect: string]: string;
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
  readonly metadata?: JsonObject;
  readonly tags?: JsonObject;
  /** Columns of the row that have no meaning of their own. */
  readonly columns?: JsonObject;
  /** The document or conversation that the row belongs to. */
  readonly group?: string;
  /** Scores that are known already; they become durable together with the result. */
  readonly scores?: readonly NewVerdicts[];
}

/** What one scorer said of one result. */
export interface NewVerdicts {
  /** Key of a scorer of the plan, e.g. `relevance/v1`. */
  readonly scorer: string;
  /** The first is the verdict on the row as a whole, the others speak of its parts. */
  readonly scores: readonly Score[];
  readonly calls?: readonly JudgeCall[];
}

export interface NewScore extends NewVerdicts {
  /** Of no result, 0, where calls are stored that belong to no verdict. */
  readonly resultId: number;
}

/** What is stored of one trial, for a run that goes on. */
export interface CommittedTrial {
  readonly resultId: number;
  readonly rowKey: string;
  readonly ordinal: number;
  readonly trial: number;
  /** Whether the model failed. */
  readonly hasFailed: boolean;
  /** Keys of the scorers whose verdict is committed, whatever it is. */
  readonly scorers: readonly string[];
}

/** Who works on an evaluation. */
export interface EvaluationLease {
  readonly worker: string;
  /** For how long it holds from now on, by the clock of the store. */
  readonly ttlMs: number;
}

export interface UnfinishedEvaluation extends EvaluationRecord {
  /** Names of the workers whose leases on it, or on a part of it, still run. */
  readonly workers: readonly string[];
}

export interface UnfinishedQuery {
  readonly experimentId: string;
  /** Of the evaluation. */
  readonly name: string;
  /** Those that came to their end as well: they may hold failures to be made good. */
  readonly withEnded?: boolean;
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
  /** Of all verdicts of the scorer, those without a number included. */
  readonly counts: ScoreCounts;
  /** Whether every verdict was yes or no, so that the mean is a rate. */
  readonly isRate: boolean;
}

export interface ResultCounts {
  readonly completed: number;
  readonly failed: number;
  /** Of the model under test and the judges together. */
  readonly usage: Usage;
}

/** Answers of a run whose cost nobody knows; those that were there already cost nothing. */
export interface UnknownCosts {
  /** Of the model under test: it used tokens, and their price is not known. */
  readonly unpriced: number;
  /** Of the model under test: nothing was told of what it used, which is as it should be for code that calls no model. */
  readonly silent: number;
  /** Of judges, those of the offline baseline aside. */
  readonly judges: number;
}

/** A call of a judge as it is kept. Which row it was about is not. */
export interface KeptCall extends Omit<JudgeCall, "saved"> {
  /** Key of the scorer; absent where that is not known, as for results that were discarded. */
  readonly scorer?: string;
}

export interface CallQuery {
  /** Only calls of this scorer, by its key, e.g. `relevance/v1`. */
  readonly scorer?: string;
  readonly limit?: number;
}

/** What a judge called over a run. */
export interface CallTotals {
  /** Answers, kept ones and calls that failed included. */
  readonly calls: number;
  /** Of these, answers that were there already. */
  readonly cached: number;
  /** Of these, calls that came to no answer. */
  readonly failed: number;
  /** Requests that were sent, repeated ones included; absent where no client of it counts them. */
  readonly attempts?: number;
  /** Of all calls together. */
  readonly latencyMs: number;
  readonly usage: Usage;
  /** The models that answered, as the provider names them, each once. */
  readonly answeredBy: readonly string[];
}

export interface JudgedTrace {
  readonly traceId: string;
  readonly runId: string;
}

export interface PartMean {
  readonly mean: number;
  /** Of results that have the part. */
  readonly n: number;
}

export interface ResultQuery {
  readonly limit?: number;
  /** Only results whose model failed or that a scorer could not score. */
  readonly failed?: boolean;
  /** Only the results of these rows, in the order given; not together with `worst`. */
  readonly ordinals?: readonly number[];
  /** With the scores of parts (votes, claims, documents) beside the verdicts. Default false. */
  readonly parts?: boolean;
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
  /**
   * @param worker - Stored only if nobody else has taken the evaluation from this worker.
   * @throws {AssayError} `conflict` when another one has.
   */
  finishEvaluation(runId: string, outcome: EvaluationOutcome, worker?: string): Promise<void>;
  getEvaluation(runId: string): Promise<EvaluationRecord | undefined>;
  /** Evaluations of active runs without an outcome, or that were interrupted, failed or stopped by a limit; latest first. */
  unfinishedEvaluations(query: UnfinishedQuery): Promise<readonly UnfinishedEvaluation[]>;
  /**
   * Makes `lease.worker` the one who works on the evaluation, or renews that.
   *
   * @returns Whoever holds it instead, if it is another one and their lease still runs.
   */
  leaseEvaluation(runId: string, lease: EvaluationLease): Promise<EvaluationLease | undefined>;
  /** Renews a lease, or ends it; resolves to whether nobody else has taken the evaluation since. */
  renewLease(runId: string, lease: EvaluationLease): Promise<boolean>;
  /** Takes back the outcome, so that more can be committed. */
  reopenEvaluation(runId: string): Promise<void>;
  /** In row order; read page by page. Of all rows, or of those with these ordinals. */
  committedTrials(runId: string, ordinals?: readonly number[]): AsyncIterable<CommittedTrial>;
  /** One result as {@link listResults} gives it; `undefined` when there is none. */
  getResult(runId: string, resultId: number): Promise<ResultRow | undefined>;
  /** Removes one result with its verdicts, so that it is made again; what it used stays counted. */
  discardResult(runId: string, resultId: number): Promise<void>;
  /** Removes results whose model failed, and verdicts of scorers that failed, so that they are made again. */
  discardFailures(runId: string): Promise<void>;
  /**
   * Gives results the ordinals of rows that moved, and removes those of rows that are gone. The moves and
   * the new plan, if one is given, become durable together or not at all.
   */
  moveResults(runId: string, ordinals: ReadonlyMap<string, number>, data?: DataPlan): Promise<void>;
  /** Writes anew which data the evaluation is of. */
  replan(runId: string, data: DataPlan): Promise<void>;
  countResults(runId: string): Promise<ResultCounts>;
  /** What {@link countResults} leaves out of its cost. */
  unknownCosts(runId: string): Promise<UnknownCosts>;
  countScores(runId: string, scorer: string): Promise<ScoreCounts>;
  /** The numeric verdicts of one scorer (booleans and yes/no as 1 and 0), in row order. */
  scoreValues(runId: string, scorer: string): Promise<ScoreValues>;
  /**
   * Which of these traces a scorer has given its verdict on, in which run of those that are not deleted. A
   * scorer that failed has given none; one that does not apply, or found no answer to score, has.
   */
  judgedTraces(traceIds: readonly string[], scorer: string): Promise<readonly JudgedTrace[]>;
  /** What the judges called, by scorer key; a scorer that called nothing is absent. */
  callTotals(runId: string): Promise<{ readonly [scorer: string]: CallTotals }>;
  /** Every call of the judges with its reply, in the order in which they were committed; page by page. */
  listCalls(runId: string, query?: CallQuery): AsyncIterable<KeptCall>;
  /** Means of a scorer's parts of these names; one that no result has is absent. */
  partMeans(
    runId: string,
    scorer: string,
    parts: readonly string[],
  ): Promise<{ readonly [part: string]: PartMean }>;
  /** The groups of committed rows, by ordinal; a row that stands alone is absent. */
  rowGroups(runId: string): Promise<ReadonlyMap<number, string>>;
  /** Milliseconds of every model call that answered. */
  latencies(runId: string): Promise<Float64Array>;
  /** Results in row order unless `worst` is given; read page by page, never all at once. */
  listResults(runId: string, query?: ResultQuery): AsyncIterable<ResultRow>;
}
