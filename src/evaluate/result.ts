import type { ResultRow, Summary, Usage } from "../core/index.ts";
import type { Decision, GateResult, Verdict } from "../gates/index.ts";
import type { AdaptiveOutcome, CallTotals, ResultQuery } from "../store/index.ts";
import type { FlakyRow } from "./flaky-rows.ts";
import type { StoredGateOptions } from "./gating/stored-run.ts";
import type { Counts } from "./options.ts";
import type { RESULTS_TABLE, TableRecord } from "./results-table.ts";
import type { CacheUse } from "./spending.ts";

export interface EvaluateResult {
  readonly name: string;
  readonly runId: string;
  readonly experimentId: string;
  /** `incomplete`: more results lack a score than `maxFailed` allows, whatever the means say. */
  readonly status: "finished" | "incomplete" | "interrupted";
  /** The evidence over all gates; absent without gates. */
  readonly verdict?: Verdict;
  /** What CI does; absent without gates, never `pass` for an incomplete evaluation. */
  readonly decision?: Decision;
  readonly gates: readonly GateResult[];
  /** By MLflow's keys, e.g. `relevance/v1/mean`; a metric that nothing was measured for is absent. */
  readonly metrics: { readonly [key: string]: number };
  /** By scorer key, e.g. `relevance/v1`. */
  readonly summaries: { readonly [scorer: string]: Summary };
  readonly counts: Counts;
  readonly usage: Usage;
  /** What each judge called, used and waited for, by scorer key; absent where none called anything. */
  readonly judges?: { readonly [scorer: string]: CallTotals };
  /** Answers that were there already, and what that saved; absent when there was none. */
  readonly cache?: CacheUse;
  /** Of the process that ended it: how long earlier ones worked is not known of those that died. Of a shared run, since it was begun. */
  readonly durationMs: number;
  /** Why the evaluation is incomplete, one line per reason. */
  readonly problems: readonly string[];
  /** Why a limit on time, cost or tokens ended it before its rows did: what is left may be resumed. */
  readonly stop?: string;
  /** What else must be known to read the metrics, one line each. */
  readonly notes: readonly string[];
  /** Keys of the scorers that lack more scores than `maxFailed` allows: their means speak for too few rows. */
  readonly incompleteScorers: readonly string[];
  /** Metrics of theirs under keys of their own, e.g. `roc_auc`. */
  readonly incompleteMetrics?: readonly string[];
  /** Set where an adaptive budget stopped judging because every gate was certain: there are no means then. */
  readonly adaptive?: AdaptiveOutcome;
  /** URIs of the files beside the run, by name without ending, e.g. `eval_results_table`. */
  readonly artifacts: { readonly [name: string]: string };
  /** Read from the store page by page, each time anew. */
  readonly tables: {
    /** One record per result under MLflow's columns; a value that is not there is absent. */
    readonly [RESULTS_TABLE]: AsyncIterable<TableRecord>;
  };
  /** The rows whose trials disagree, with all their trials; none where each row has one. */
  readonly flaky: AsyncIterable<FlakyRow>;
  /**
   * Decides other gates on the stored scores; slices are of inputs and expectations.
   *
   * @throws {AssayError} `invalid-argument` for gates that cannot be.
   */
  decide(
    gates: readonly string[],
    options?: Omit<StoredGateOptions, "gates">,
  ): Promise<GateResult[]>;
  /** The results with their scores, read from the store page by page. */
  rows(query?: ResultQuery): AsyncIterable<ResultRow>;
}
