import type { Aggregation } from "./aggregation.ts";
import { answerOf } from "./answer.ts";
import type { ColumnMetric } from "./column-metric.ts";
import type { CorpusMetrics } from "./corpus.ts";
import { AssayError } from "./errors.ts";
import { isPlainObject, type JsonObject, type JsonValue } from "./json.ts";
import type { ModelSettings } from "./model-settings.ts";
import type { Usage } from "./result.ts";
import { type Row, soleInput } from "./row.ts";
import type { Trace } from "./trace.ts";
import type { TrialReducer } from "./trial-reducer.ts";

/** One scorer's verdict on one result. "No verdict" is its own case: never 0, NaN or null. */
export type Score =
  | {
      readonly kind: "scored";
      readonly value: number | boolean | string;
      readonly rationale?: string;
      /** What of the result was scored, where a scorer gives several scores; absent for the result as a whole. */
      readonly part?: string;
    }
  | {
      readonly kind: "unscored";
      readonly reason: UnscoredReason;
      readonly detail: string;
      readonly part?: string;
    };

export const UNSCORED_REASONS = [
  "model-failed",
  "scorer-failed",
  "judge-unparseable",
  "refused",
  "not-applicable",
] as const;

export type UnscoredReason = (typeof UNSCORED_REASONS)[number];

/** What a verdict is worth in a mean: yes is 1 and no is 0, as in MLflow; any other word has no number. */
export function verdictNumber(value: number | boolean | string): number | undefined {
  if (typeof value !== "string") return Number(value);
  const word = value.trim().toLowerCase();
  return word === "yes" ? 1 : word === "no" ? 0 : undefined;
}

/** A retrieved document, whatever library returned it. */
export interface RetrievedDocument {
  readonly id?: string;
  readonly content: string;
  readonly metadata?: { readonly [key: string]: JsonValue };
  readonly score?: number;
}

/** What a scorer sees of one trial of one row. */
export interface ScorerInput {
  readonly inputs: JsonValue;
  readonly outputs: JsonValue;
  readonly expectations: { readonly [name: string]: JsonValue };
  /** The row's `context` column as it is, else the documents that the trace's retriever spans returned; absent without either. */
  readonly context?: JsonValue | readonly RetrievedDocument[];
  readonly trace?: Trace;
  readonly row: Row;
  /** 0-based repetition of the row. */
  readonly trial: number;
  /** The sole string input, or `inputs.question`/`inputs.input`; else `inputs` as it is. */
  readonly input: JsonValue;
  /** The answer in `outputs`, under the name autoevals uses: the same, but for an agent's state `{ content, messages }` its content. */
  readonly output: JsonValue;
  /** `expectations.expected_response`, under the name autoevals uses; absent without one. */
  readonly expected?: JsonValue;
  /** How long the model took; absent where no model was called, as in a static dataset. */
  readonly latencyMs?: number;
  /** What the model used, as far as it was reported. */
  readonly usage?: Usage;
  /** Aborted when the scorer's time for this row is up (`timeoutMs`). */
  readonly signal?: AbortSignal;
  /** What a judge's calls are made for: this scorer's verdict on this trial of this run. */
  readonly purpose?: string;
  /** A judge reports each call it paid for, so that its tokens and reply are kept with the score. */
  readonly recordCall?: (call: JudgeCall) => void;
}

/** One call of a judge's model, whether or not its reply could be used. */
export interface JudgeCall {
  /** The requested model's URI. */
  readonly model: string;
  /** The model that answered, as the provider names it. */
  readonly answeredBy?: string;
  readonly reply: string;
  readonly latencyMs: number;
  readonly usage?: Usage;
  /** Requests that were sent for it, repeated ones included; absent where the client repeats by itself. */
  readonly attempts?: number;
  /** Why there was no reply, `reply` then being empty: the code of the error, e.g. `unavailable`. */
  readonly error?: string;
  /** It was answered before, and nothing was sent or paid for. */
  readonly isCached?: true;
  /** What a cached answer used when it was paid for. */
  readonly saved?: Usage;
}

/** What one call is expected to use. */
export interface CallEstimate {
  /** The model's URI. */
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** What identifies a scorer, by aspect, e.g. `model`, `parameters`, `template`. */
export interface FingerprintAspects {
  readonly [aspect: string]: string;
}

/** autoevals' shape of a score; a null score means "not applicable". */
export interface NamedScore {
  readonly name: string;
  readonly score: number | null;
  readonly metadata?: { readonly [key: string]: unknown };
}

export type ScorerOutput = number | boolean | string | Score | readonly Score[] | NamedScore;

/** Returns null where the scorer does not apply; nothing at all counts as a failure of the scorer. */
export type ScorerFunction = (
  sample: ScorerInput,
) => ScorerOutput | null | Promise<ScorerOutput | null>;

/** What a scorer is called and how its scores become metrics. */
export interface ScorerOptions {
  /** snake_case by convention; becomes the first part of the metric key. */
  readonly name: string;
  /** `v1`, `v2` …; the second part of the metric key where there is one. */
  readonly version?: string;
  /** Default: mean, variance and p90 with a version, mean without. */
  readonly aggregations?: readonly Aggregation[];
  /** The mean's metric key is the scorer's key itself: MLflow writes `exact_match/v1`, without `/mean`. */
  readonly bareMean?: boolean;
  /** Lowest and highest possible value. Intervals of a bounded mean need it; absent means unbounded. */
  readonly scale?: readonly [low: number, high: number];
  readonly greaterIsBetter?: boolean;
  /** What identifies the scorer exactly; two runs compare only where fingerprints agree. */
  readonly fingerprint?: string;
  /** Digests of the worked examples that a judge is shown: agreement on these rows says nothing of others. */
  readonly tunedOn?: readonly string[];
  /** What the fingerprint is of, so that a difference between two can be named. */
  readonly aspects?: FingerprintAspects;
  /** Parts that each result may have, whose means are metrics of the run: `<key>/<part>`, e.g. `preference/v1/flip_rate`. */
  readonly partMetrics?: readonly string[];
  /** Kept with the plan of a run; of no other meaning. */
  readonly metadata?: JsonObject;
  /** Where the verdict comes from: plain code, or a judge with the URI of its model. */
  readonly source?: { readonly kind: "code" } | { readonly kind: "judge"; readonly model: string };
  /** Returns at once and calls nobody: there is nothing to interrupt or pay for, so it gets neither `signal` nor `recordCall`. */
  readonly isImmediate?: true;
  /** Metrics of all rows together, beside the aggregations of the scores. */
  readonly corpus?: CorpusMetrics;
  /** What a judge would ask for a sample, to tell the cost before a call is made; `undefined` where it does not apply. */
  readonly estimate?: (sample: DirectSample) => CallEstimate | readonly CallEstimate[] | undefined;
  /** Computes the scores of all rows at once, when they are there, in the place of one by one. */
  readonly columns?: ColumnMetric;
  /** How trials of a row become one value, for metrics beside the mean; default: what the evaluation says. */
  readonly trialReducer?: TrialReducer | readonly TrialReducer[];
  /**
   * From which score on a trial passes (up to which, where smaller is better). Default: what the evaluation
   * says, else the best end of the scale.
   */
  readonly passThreshold?: number;
  /** Expectation names the scorer cannot do without, checked against the first row. */
  readonly requires?: readonly string[];
  /**
   * Called once before the first row. Resolves to the scorer that this evaluation uses, e.g. a judge
   * with its model found, so that a missing key fails before anything is stored. `scorer` is the one
   * in use, where it is another: one that wraps this and spreads its options must come back as itself.
   */
  readonly prepare?: (environment: ScorerEnvironment, scorer?: Scorer) => Promise<Scorer>;
}

/** What an evaluation hands to the scorers it is about to use. */
export interface ScorerEnvironment {
  readonly env: { readonly [name: string]: string | undefined };
  /** The model of judges that name none. */
  readonly judgeModel?: string;
  /** How the models of judges are called. */
  readonly models?: ModelSettings;
}

/** A function from a result to a score, with its name and how it is aggregated. Callable on its own. */
export interface Scorer {
  (sample: DirectSample): ReturnType<ScorerFunction>;
  readonly scorer: ScorerOptions;
}

/** Gives a scoring function its name, version and aggregations. */
export function defineScorer(options: ScorerOptions, score: ScorerFunction): Scorer {
  // A gate names the metric, and ends the name at the first space or comparison.
  if (options.name === "" || /[/\s<>=]/.test(options.name)) {
    throw new AssayError(
      "invalid-argument",
      `Expected a scorer name such as "answer_quality", without spaces, "/" and comparisons, got "${options.name}"`,
    );
  }
  const named = (sample: DirectSample) => score(completedSample(sample));
  return Object.assign(named, { scorer: options });
}

/** A sample as people write it when they call a scorer by itself: under either vocabulary, in part. */
export type DirectSample = Partial<ScorerInput>;

/** A sample with everything that a scorer may look at. */
export function completedSample(sample: DirectSample): ScorerInput {
  // An evaluation gives everything; only a call by hand lacks the row.
  if (sample.row !== undefined) return sample as ScorerInput;
  const inputs = sample.inputs ?? asInputs(sample.input);
  const { expected } = sample;
  const expectations =
    sample.expectations ?? (expected === undefined ? {} : { expected_response: expected });
  const outputs = sample.outputs ?? sample.output ?? null;
  const object = asInputs(inputs);
  return {
    trial: 0,
    ...sample,
    inputs,
    outputs,
    expectations,
    input: sample.input ?? soleInput(object),
    output: answerOf(outputs),
    ...(expectations.expected_response !== undefined && {
      expected: expectations.expected_response,
    }),
    row: { rowKey: "direct", ordinal: 0, inputs: object, expectations },
  };
}

function asInputs(value: JsonValue | undefined): JsonObject {
  if (value === undefined) return {};
  return isPlainObject(value) ? (value as JsonObject) : { input: value };
}

/** `relevance/v1`, or `relevance` for a scorer without a version: the key of its summary and scores. */
export function scorerKey(options: Pick<ScorerOptions, "name" | "version">): string {
  return options.version === undefined ? options.name : `${options.name}/${options.version}`;
}
