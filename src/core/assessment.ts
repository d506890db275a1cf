import type { JsonObject, JsonValue } from "./json.ts";

export const ASSESSMENT_SOURCES = ["HUMAN", "LLM_JUDGE", "CODE"] as const;

/** Who says it: a person, a judge or code; `id` tells which. */
export interface AssessmentSource {
  readonly type: (typeof ASSESSMENT_SOURCES)[number];
  readonly id?: string;
}

/** Why there is no feedback where some was to be given. */
export interface AssessmentFailure {
  readonly code: string;
  readonly message?: string;
}

/** What was said of a trace or of one of its spans: feedback on it, or what was expected of it. */
export interface Assessment {
  /** `a-` and 32 hex digits; `s-…` for the score that an evaluation gave. */
  readonly assessmentId: string;
  /** `tr-` and 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits; absent for what is said of the trace as a whole. */
  readonly spanId?: string;
  readonly name: string;
  readonly kind: "feedback" | "expectation";
  /** Absent exactly when `error` stands in its place. */
  readonly value?: JsonValue;
  readonly error?: AssessmentFailure;
  readonly source: AssessmentSource;
  /** The run it was made in. */
  readonly runId?: string;
  readonly rationale?: string;
  readonly metadata: JsonObject;
  /** The assessment that this one takes the place of. */
  readonly overrides?: string;
  /** False once another one overrides it. */
  readonly isValid: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly createTime: number;
  readonly lastUpdateTime: number;
}

/** An assessment to be stored. */
export type NewAssessment = Omit<
  Assessment,
  "assessmentId" | "isValid" | "createTime" | "lastUpdateTime" | "metadata"
> & {
  /** Default: a new one. */
  readonly assessmentId?: string;
  readonly metadata?: JsonObject;
};

/** What can be changed of an assessment; what is not given stays. */
export interface AssessmentChange {
  readonly name?: string;
  /** Takes the place of an error as well. */
  readonly value?: JsonValue;
  readonly rationale?: string;
  readonly metadata?: JsonObject;
}
