import type {
  JsonValue,
  PriceList,
  Row,
  ScorerFunction,
  TrialReducer,
  Usage,
} from "../core/index.ts";
import type { ColumnMapping, Data } from "../datasets/index.ts";
import type { ChatParameters } from "../models/index.ts";
import type { EvaluatorConfig } from "./evaluator-config.ts";
import type { EvaluateResult } from "./result.ts";

/** What a model function learns beside the inputs. */
export interface ModelContext {
  readonly row: Row;
  /** 0-based repetition of the row. */
  readonly trial: number;
  /** Aborted when the row's time is up. */
  readonly signal: AbortSignal;
}

/** Untyped on purpose, as `JSON.parse` is: inputs have the shape of the user's own data. */
export type Inputs = ReturnType<JSON["parse"]>;

/** A model as a function; what it returns, or the chunks it yields, become the outputs. */
export type ModelFunction = (inputs: Inputs, context: ModelContext) => unknown;

interface RunnableOptions {
  // Bivariant, because every copy of LangChain declares its own handler type.
  readonly callbacks?: Inputs;
  readonly signal?: AbortSignal;
}

/** The part of a LangChain Runnable that an evaluation calls. */
export interface RunnableLike {
  invoke(input: Inputs, options?: RunnableOptions): Promise<unknown>;
  getName?(): string;
}

/**
 * The thing under test: a function, a LangChain Runnable, a model URI such as `openai:/gpt-4o-mini`, or the
 * address of an endpoint: `https://…/invocations` (MLflow's scoring server), `https://…/chat/completions`.
 */
export type Model = ModelFunction | RunnableLike | string;

/** A scorer, or a plain function under the name it has in the code. */
export type ScorerLike = ScorerFunction;

export interface EvaluateOptions {
  /** What this evaluation is called; default the name of the data. */
  readonly name?: string;
  /**
   * Rows, a path (.jsonl, .json, .csv, .tsv, .parquet, each with .gz or without), `"-"` for standard
   * input, something that yields rows, or a registered dataset of the same tracking store:
   * `"datasets:/support"`, `"datasets:/support@3"` or what `getDataset` gave. Without a version the latest
   * is used, and stays the same for the whole run. `{ traces: "<filter>" }` are stored traces.
   */
  readonly data: Data;
  /** Absent for a static dataset, whose rows bring their outputs along. */
  readonly model?: Model;
  /** MLflow 3's name of `model`. */
  readonly predictFn?: Model;
  /** The column with the expected answer. */
  readonly targets?: string;
  /** The column with outputs made beforehand. */
  readonly predictions?: string;
  /**
   * Where the data has what it has: our name, then the column, both with dots for members, e.g.
   * `{ context: "passages", "expectations.relevant_ids": "gold.ids" }`.
   */
  readonly mapping?: ColumnMapping;
  /** MLflow's name of `mapping`. */
  readonly colMapping?: ColumnMapping;
  /**
   * Adds the default metrics of `question-answering`, `text-summarization`, `text`, `retriever`,
   * `classifier` or `regressor`.
   */
  readonly modelType?: string;
  /** Settings of the default metrics, in MLflow's spelling too: `{ retriever_k: 5 }`. */
  readonly evaluatorConfig?: EvaluatorConfig;
  readonly extraMetrics?: readonly ScorerLike[];
  /** MLflow 3's name of `extraMetrics`. */
  readonly scorers?: readonly ScorerLike[];
  /** E.g. `"relevance/v1/mean >= 4"`. */
  readonly gates?: readonly string[];
  /** Whether a gate passes only when its whole interval satisfies it. Default false. */
  readonly strict?: boolean;
  /**
   * How sure intervals are to be: `standard` (default) covers what was recorded of judges; `exact` holds
   * whatever the distribution, by betting, and is wider.
   */
  readonly guarantee?: "standard" | "exact";
  /**
   * `adaptive` judges rows in an order that `seed` decides and stops when every gate is certain about these
   * rows, with an error of at most 5 % a gate. Not with `strict`.
   */
  readonly budget?: "adaptive";
  /**
   * What gates that speak of a baseline compare with: a run id, `@alias`, `branch:main` (the last passing run
   * of this evaluation there), or a `*.baseline.json` file.
   */
  readonly baseline?: string;
  /** Compares with a baseline of other data or another judge, which is refused otherwise. */
  readonly allowMismatch?: boolean;
  /** For a model URI: the prompt, with `{{ name }}` for the inputs, other columns and `context`. */
  readonly prompt?: string;
  /** For a model URI: sampling parameters. */
  readonly parameters?: ChatParameters;
  /** The model of judges that name none. */
  readonly judgeModel?: string;
  /** Repetitions of each row; an integer of at least 1. Default 1. */
  readonly trials?: number;
  /**
   * How the trials of a row become one value, for metrics beside the mean of all: `"mode"` (majority),
   * `"median"`, `"max"`, `"min"`, `"at_least_2"`, `"pass_at_3"`, `"pass_hat_3"`, or several of them. The keys
   * are e.g. `relevance/v1/pass_at_3` and `relevance/v1/trials_max`.
   */
  readonly trialReducer?: TrialReducer | readonly TrialReducer[];
  /**
   * From which score on a trial passes (up to which, where smaller is better), for scorers that do not say
   * so themselves. Default: the best end of the scale.
   */
  readonly passThreshold?: number;
  /**
   * How far apart the trials of a row may be, as a share of the scale in [0, 1], before the row is listed
   * as flaky, where no `passThreshold` tells. Default 0.25.
   */
  readonly flakySpread?: number;
  /** Rows in flight at once; an integer of at least 1. Default 8. */
  readonly concurrency?: number;
  /** How long a model, and then each scorer, may take for one row, in milliseconds, at least 1. Default: no limit. */
  readonly timeoutMs?: number;
  /** How long one request to a model's provider may take before it is sent again, in milliseconds. Default 120 000. */
  readonly callTimeoutMs?: number;
  /** How long the whole run may go on before it takes no further row, in milliseconds. Default: no limit. */
  readonly runTimeoutMs?: number;
  /** US dollars that the model and the judges may cost before the run takes no further row. */
  readonly maxCost?: number;
  /** Input and output tokens that they may use. */
  readonly maxTokens?: number;
  /** Requests per minute of each provider, key and model: never exceeded, and met below where it takes less. */
  readonly rpm?: number;
  /** Tokens per minute, likewise. */
  readonly tpm?: number;
  /** Prices of models that the price table lacks or has wrong. */
  readonly prices?: PriceList;
  /**
   * Whether answers of models are kept in the store and used again, by other runs too. Default: those of
   * judges at temperature 0; `true`: also those of a model URI under test; `false`: none.
   */
  readonly cache?: boolean;
  /** For how long a kept answer counts, in milliseconds. Default 30 days. */
  readonly cacheTtlMs?: number;
  /** Goes on with a run of the same evaluation: the one named, or the latest that came to no end. */
  readonly resume?: boolean | string;
  /** With `resume`: results that failed are made again. */
  readonly retryFailed?: boolean;
  /** With `resume`: keeps the rows that are still in the data, and drops the others. */
  readonly allowChangedData?: boolean;
  /**
   * Takes the rows in an order that `seed` and their keys decide, whatever the order of the data is. They
   * are kept in the store until they are finished. Default: in the order of the data.
   */
  readonly shuffle?: boolean;
  /** Shuffles, so that other processes can work on the run as well, with `run` and `worker`. */
  readonly shared?: boolean;
  /** The id of a run that shares its work: this process takes part in it. Goes with `worker`. */
  readonly run?: string;
  readonly worker?: boolean;
  /**
   * Whether the calls of judges are traced: each verdict in a trace of its own, whose metadata names the
   * trace that it judges. Default false.
   */
  readonly traceJudges?: boolean;
  /**
   * `"3/8"`: the third of eight parts of the rows, for as many machines. Gates are checked and left to
   * `assay merge`, which makes one run of all shards.
   */
  readonly shard?: string;
  /** Names the state of your own code: a run with another one is not resumed. */
  readonly codeVersion?: string;
  /** Only the first so many of the rows that are selected otherwise. */
  readonly limit?: number;
  /** A share of the rows, in (0, 1], that `seed` and their keys decide; or a number of rows, from 2 on. */
  readonly sample?: number;
  /** Of everything that is drawn; an integer. Default 0. */
  readonly seed?: number;
  /** Only the rows for which it gives true. */
  readonly filter?: (row: Row) => boolean;
  /** Share of results that may lack a score before the evaluation counts as incomplete, in [0, 1]. Default 0.02. */
  readonly maxFailed?: number;
  /**
   * Whether `eval_results_table.json` is written beside the run, or for how many results at most;
   * default 100 000, as MLflow's clients read it whole.
   */
  readonly resultsTable?: boolean | number;
  readonly trackingUri?: string;
  readonly experiment?: string;
  readonly runName?: string;
  readonly tags?: { readonly [key: string]: string };
  /** `"off"` stores key-shaped strings as they are. Default: they are masked. */
  readonly redact?: "secrets" | "off";
  /** Goes over inputs, outputs, errors, params and tags before they are stored, and before key-shaped strings are masked. */
  readonly mask?: (value: JsonValue) => JsonValue;
  /** Folder that relative paths start from. Default: the working folder. */
  readonly baseDir?: string;
  /** Where keys and base URLs are looked up. Default: the process's environment. */
  readonly env?: { readonly [name: string]: string | undefined };
  /** Stops taking new rows; what is in flight is finished and committed. */
  readonly signal?: AbortSignal;
  /**
   * For how long what is in flight may go on after `signal`, in milliseconds; then it is given up and
   * counts as missing. Default one minute.
   */
  readonly graceMs?: number;
  readonly onProgress?: (progress: Progress) => void;
}

/** Live counts, for people; the totals of a result are read from the committed rows. */
export type Progress =
  | {
      readonly kind: "started";
      readonly name: string;
      readonly runId: string;
      /** Absent for a stream, as `trials` is. */
      readonly rows?: number;
      readonly trials?: number;
      readonly scorers: readonly string[];
      /** What the user should know before it starts, e.g. default metrics that the data cannot feed. */
      readonly notes: readonly string[];
    }
  | {
      readonly kind: "row";
      readonly completed: number;
      readonly failed: number;
      /** By the model and the judges, so far. */
      readonly usage: Usage;
    }
  | { readonly kind: "finished"; readonly result: EvaluateResult };

/** How many rows and trials there were, and what became of them. */
export interface Counts {
  /** Rows of the data. */
  readonly rows: number;
  /** Rows × repetitions. */
  readonly trials: number;
  /** Trials with a committed result, failed ones included. */
  readonly completed: number;
  /** Trials whose model failed. */
  readonly failed: number;
  /** Rows whose trials disagree; absent where each row has one, or no scores can be compared. */
  readonly flaky?: number;
}
