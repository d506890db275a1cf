import type { AttributeKey, Field, Operator, SearchTarget, SpanField } from "./filter.ts";

/** What a field holds, which decides how it may be compared. */
export type FieldType =
  | "text"
  | "optional text"
  | "number"
  | "optional number"
  /** A JSON value: text, number or boolean. */
  | "assessment"
  /** Long text that is searched, never compared. */
  | "content"
  | "link";

const NUMBER_OPERATORS = ["=", "!=", "<", "<=", ">", ">="] as const;
const PATTERN_OPERATORS = ["like", "ilike"] as const;
const NULL_OPERATORS = ["is null", "is not null"] as const;
// MLflow takes lists for a few fields only; there is no reason to refuse them for the others.
const TEXT_OPERATORS = ["=", "!=", "in", "not in", ...PATTERN_OPERATORS] as const;

const OPERATORS: { readonly [type in FieldType]: readonly Operator[] } = {
  text: TEXT_OPERATORS,
  "optional text": [...TEXT_OPERATORS, ...NULL_OPERATORS],
  number: NUMBER_OPERATORS,
  "optional number": [...NUMBER_OPERATORS, ...NULL_OPERATORS],
  assessment: [...NUMBER_OPERATORS, "in", "not in", ...PATTERN_OPERATORS, ...NULL_OPERATORS],
  content: PATTERN_OPERATORS,
  link: ["="],
};

/** The operators a field of this type admits; only traces match regular expressions, as in MLflow. */
export function operatorsOf(target: SearchTarget, type: FieldType): readonly Operator[] {
  const operators = OPERATORS[type];
  return target === "traces" && operators.includes("in") ? [...operators, "rlike"] : operators;
}

/** Entities with free keys: one type for all of them. */
export const KEYED_TYPES = {
  metric: "number",
  param: "optional text",
  tag: "optional text",
  metadata: "optional text",
  feedback: "assessment",
  expectation: "assessment",
} as const satisfies { readonly [entity: string]: FieldType };

export const DATASET_KEYS = ["name", "digest", "context"] as const;

export const SPAN_TYPES = {
  name: "text",
  type: "text",
  status: "text",
  model: "optional text",
  duration_ms: "number",
  content: "content",
} as const satisfies { readonly [key: string]: FieldType };

export type WrittenEntity = "attribute" | keyof typeof KEYED_TYPES | "dataset" | "span" | "issue";

export interface Vocabulary {
  readonly attributes: { readonly [key: string]: FieldType };
  /** Other names of attributes, and names of other fields that read like attributes. */
  readonly aliases: { readonly [written: string]: string | Field | SpanField };
  /** What may stand before the first dot. */
  readonly entities: { readonly [written: string]: WrittenEntity };
}

interface VocabularyOf<Target extends SearchTarget> extends Vocabulary {
  readonly attributes: { readonly [key in AttributeKey<Target>]: FieldType };
  readonly aliases: {
    readonly [written: string]: AttributeKey<Target> | Field<Target> | SpanField;
  };
}

const ATTRIBUTES = { attribute: "attribute", attributes: "attribute", attr: "attribute" } as const;
const TAGS = { tag: "tag", tags: "tag" } as const;
const METRICS_AND_PARAMS = {
  metric: "metric",
  metrics: "metric",
  param: "param",
  params: "param",
  parameter: "param",
  parameters: "param",
} as const;

const RUNS: VocabularyOf<"runs"> = {
  attributes: {
    run_id: "text",
    run_name: "text",
    experiment_id: "text",
    status: "text",
    user_id: "text",
    artifact_uri: "text",
    start_time: "number",
    end_time: "number",
  },
  aliases: {
    "run name": "run_name",
    "Run name": "run_name",
    "Run Name": "run_name",
    created: "start_time",
    Created: "start_time",
  },
  entities: {
    ...ATTRIBUTES,
    run: "attribute",
    ...METRICS_AND_PARAMS,
    ...TAGS,
    dataset: "dataset",
    datasets: "dataset",
  },
};

const EXPERIMENTS: VocabularyOf<"experiments"> = {
  attributes: {
    experiment_id: "text",
    name: "text",
    creation_time: "number",
    last_update_time: "number",
  },
  aliases: {},
  entities: { ...ATTRIBUTES, experiment: "attribute", ...TAGS },
};

const TRACES: VocabularyOf<"traces"> = {
  attributes: {
    trace_id: "text",
    experiment_id: "text",
    name: "optional text",
    status: "text",
    client_request_id: "text",
    run_id: "optional text",
    timestamp_ms: "number",
    execution_time_ms: "number",
    end_time_ms: "number",
    input_tokens: "optional number",
    output_tokens: "optional number",
    total_tokens: "optional number",
    cost: "optional number",
  },
  aliases: {
    request_id: "trace_id",
    timestamp: "timestamp_ms",
    execution_time: "execution_time_ms",
    end_time: "end_time_ms",
    tokens: "total_tokens",
    session: { entity: "metadata", key: "mlflow.trace.session" },
    user: { entity: "metadata", key: "mlflow.trace.user" },
    prompt: { entity: "prompt", key: "id" },
    text: { entity: "span", key: "content" },
  },
  entities: {
    ...ATTRIBUTES,
    trace: "attribute",
    ...TAGS,
    metadata: "metadata",
    request_metadata: "metadata",
    span: "span",
    feedback: "feedback",
    expectation: "expectation",
    issue: "issue",
  },
};

const LOGGED_MODELS: VocabularyOf<"logged-models"> = {
  attributes: {
    model_id: "text",
    experiment_id: "text",
    name: "text",
    model_type: "text",
    status: "text",
    source_run_id: "text",
    creation_timestamp: "number",
    last_updated_timestamp: "number",
  },
  aliases: {
    creation_time: "creation_timestamp",
    creation_timestamp_ms: "creation_timestamp",
    last_updated_time: "last_updated_timestamp",
    last_updated_timestamp_ms: "last_updated_timestamp",
  },
  entities: { ...ATTRIBUTES, ...METRICS_AND_PARAMS, ...TAGS },
};

const DATASETS: VocabularyOf<"datasets"> = {
  attributes: {
    dataset_id: "text",
    name: "text",
    created_by: "text",
    last_updated_by: "text",
    created_time: "number",
    last_update_time: "number",
  },
  aliases: {},
  entities: { ...ATTRIBUTES, ...TAGS },
};

/** MLflow's fields and synonyms per target, and ours beside them. */
export const VOCABULARIES: { readonly [Target in SearchTarget]: Vocabulary } = {
  runs: RUNS,
  experiments: EXPERIMENTS,
  traces: TRACES,
  "logged-models": LOGGED_MODELS,
  datasets: DATASETS,
};
