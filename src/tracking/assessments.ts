import {
  AssayError,
  type Assessment,
  type AssessmentChange,
  type AssessmentFailure,
  type AssessmentSource,
  type JsonObject,
  type JsonValue,
  type NewAssessment,
  newRunId,
  type Trace,
  type TraceGroup,
  type TraceInfo,
  withoutAbsent,
} from "../core/index.ts";
import type { TraceSearchQuery, TraceSummary } from "../store/index.ts";
import { activeIds, assessOpenTrace, tracesDelivered } from "../tracing/index.ts";
import { allPages, queryOf, type SearchOptions } from "./search.ts";
import { currentExperimentName, currentStore } from "./settings.ts";

interface AssessmentOptions {
  /** `tr-` and 32 hex digits; default: the trace around the call. */
  readonly traceId?: string;
  /** One span of the trace; default: the trace as a whole. */
  readonly spanId?: string;
  readonly rationale?: string;
  readonly metadata?: JsonObject;
  /** The run that it was made in. */
  readonly runId?: string;
  /** The id of an assessment whose place it takes. */
  readonly overrides?: string;
}

export interface FeedbackOptions extends AssessmentOptions {
  /** Default `feedback`. */
  readonly name?: string;
  /** Any JSON; left out exactly where `error` tells why there is none. */
  readonly value?: JsonValue;
  readonly error?: AssessmentFailure;
  /** Default `{ type: "CODE" }`. */
  readonly source?: AssessmentSource;
}

export interface ExpectationOptions extends AssessmentOptions {
  readonly name: string;
  readonly value: JsonValue;
  /** Default `{ type: "HUMAN" }`. */
  readonly source?: AssessmentSource;
}

/**
 * Stores what somebody thinks of a trace or of one of its spans. Inside the trace it is stored behind it.
 *
 * @throws {AssayError} `not-found` for a trace or span that is not stored, `invalid-argument` outside of
 *   any trace without a `traceId`.
 */
export function logFeedback(options: FeedbackOptions): Promise<Assessment> {
  const { name = "feedback", source = { type: "CODE" } } = options;
  return log({ ...options, name, source, kind: "feedback" });
}

/**
 * Stores what was expected of a trace or of one of its spans: what a later evaluation compares with.
 *
 * @throws {AssayError} as {@link logFeedback}.
 */
export function logExpectation(options: ExpectationOptions): Promise<Assessment> {
  const { source = { type: "HUMAN" } } = options;
  return log({ ...options, source, kind: "expectation" });
}

/** Changes what was said; what is not given stays. */
export async function updateAssessment(
  traceId: string,
  assessmentId: string,
  change: AssessmentChange,
): Promise<Assessment> {
  return (await currentStore()).assessments.changeAssessment(traceId, assessmentId, change);
}

export async function deleteAssessment(traceId: string, assessmentId: string): Promise<void> {
  await (await currentStore()).assessments.deleteAssessment(traceId, assessmentId);
}

export async function getAssessment(
  traceId: string,
  assessmentId: string,
): Promise<Assessment | undefined> {
  return (await currentStore()).assessments.getAssessment(traceId, assessmentId);
}

type Logged = Omit<NewAssessment, "traceId" | "assessmentId"> & { readonly traceId?: string };

async function log({ traceId = activeIds()?.traceId, ...options }: Logged): Promise<Assessment> {
  if (traceId === undefined) {
    throw new AssayError(
      "invalid-argument",
      "Expected `traceId`: no trace is active. Pass the id of the trace, or call this inside a span",
    );
  }
  const assessment = withoutAbsent<NewAssessment>({
    spanId: undefined,
    value: undefined,
    error: undefined,
    rationale: undefined,
    metadata: undefined,
    runId: undefined,
    overrides: undefined,
    ...options,
    traceId,
    assessmentId: `a-${newRunId()}`,
  });
  if (!(await assessOpenTrace(assessment))) {
    return (await currentStore()).assessments.logAssessment(assessment);
  }
  const now = Date.now();
  return {
    metadata: {},
    ...assessment,
    assessmentId: assessment.assessmentId as string,
    isValid: true,
    createTime: now,
    lastUpdateTime: now,
  };
}

export interface SearchTracesOptions extends SearchOptions {
  /** The current experiment when neither ids nor names are given. */
  readonly experimentIds?: readonly string[];
  readonly experimentNames?: readonly string[];
  /** Only traces of this run. */
  readonly runId?: string;
}

/** Traces a page of the store holds at most. */
const MOST_OF_A_PAGE = 500;

/**
 * Traces without their spans, those that have ended just now among them, newest first, at most 100 unless said.
 *
 * @throws {AssayError} `invalid-argument` for a filter or an order that cannot be read.
 */
export async function searchTraces(options: SearchTracesOptions = {}): Promise<TraceInfo[]> {
  await tracesDelivered();
  const { traces } = await currentStore();
  const query = await traceQuery(options);
  const page = (part: TraceSearchQuery) =>
    traces.searchTraces({
      ...part,
      maxResults: Math.min(part.maxResults ?? MOST_OF_A_PAGE, MOST_OF_A_PAGE),
    });
  return allPages(page, query, options.maxResults ?? 100);
}

async function traceQuery(options: SearchTracesOptions): Promise<TraceSearchQuery> {
  const { experimentIds, experimentNames, runId } = options;
  const { experiments } = await currentStore();
  const isNowhere = experimentIds === undefined && experimentNames === undefined;
  const names = isNowhere ? [currentExperimentName()] : (experimentNames ?? []);
  const named = await Promise.all(names.map((name) => experiments.getExperimentByName(name)));
  const ids = named.flatMap((experiment) => experiment?.experimentId ?? []);
  return {
    ...queryOf(options),
    experimentIds: [...(experimentIds ?? []), ...ids],
    ...(runId !== undefined && { runId }),
  };
}

/** A trace with its spans, once it is in the store; `undefined` if there is none such. */
export async function getTrace(traceId: string): Promise<Trace | undefined> {
  await tracesDelivered();
  return (await currentStore()).traces.getTrace(traceId);
}

export type SummarizeTracesOptions = Omit<SearchTracesOptions, "orderBy" | "maxResults"> & {
  /** Default `day`. */
  readonly by?: TraceGroup;
};

/** Counts, failures, percentiles of time, tokens and cost of the traces that match, by group. */
export async function summarizeTraces(
  options: SummarizeTracesOptions = {},
): Promise<TraceSummary[]> {
  await tracesDelivered();
  const { traces } = await currentStore();
  return traces.summarizeTraces({ ...(await traceQuery(options)), by: options.by ?? "day" });
}
