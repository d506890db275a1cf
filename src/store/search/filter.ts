/**
 * What a search asks for, as data. Texts come in through `parseFilter` and `parseOrderBy`; a store
 * compiles the result to its own query language.
 */

interface AttributeField<Key extends string> {
  readonly entity: "attribute";
  readonly key: Key;
}

/** A field whose key the user chose. */
type KeyedField<Entity extends string> = Entity extends string
  ? { readonly entity: Entity; readonly key: string }
  : never;

/** Of any dataset that the run used. */
export interface DatasetField {
  readonly entity: "dataset";
  readonly key: "name" | "digest" | "context";
}

/** A prompt version (`name/version`) or an issue linked to the trace; compared with `=` alone. */
interface LinkField {
  readonly entity: "prompt" | "issue";
  readonly key: "id";
}

/** Attributes carry their canonical names; times are milliseconds since the Unix epoch, ids are texts. */
interface FieldsByTarget {
  runs:
    | AttributeField<"run_id" | "run_name" | "experiment_id" | "status" | "user_id">
    | AttributeField<"artifact_uri" | "start_time" | "end_time">
    | KeyedField<"metric" | "param" | "tag">
    | DatasetField;
  experiments:
    | AttributeField<"experiment_id" | "name" | "creation_time" | "last_update_time">
    | KeyedField<"tag">;
  traces:
    | AttributeField<"trace_id" | "experiment_id" | "name" | "status" | "client_request_id">
    | AttributeField<"run_id" | "timestamp_ms" | "execution_time_ms" | "end_time_ms">
    /** Tokens are counts, the cost is in US dollars; absent when unknown. */
    | AttributeField<"input_tokens" | "output_tokens" | "total_tokens" | "cost">
    | KeyedField<"tag" | "metadata" | "feedback" | "expectation">
    | LinkField;
  "logged-models":
    | AttributeField<"model_id" | "experiment_id" | "name" | "model_type" | "status">
    | AttributeField<"source_run_id" | "creation_timestamp" | "last_updated_timestamp">
    | KeyedField<"metric" | "param" | "tag">;
  datasets:
    | AttributeField<"dataset_id" | "name" | "created_by" | "last_updated_by">
    | AttributeField<"created_time" | "last_update_time">
    | KeyedField<"tag">;
}

export type SearchTarget = keyof FieldsByTarget;

export type Field<Target extends SearchTarget = SearchTarget> = FieldsByTarget[Target];

/** The attributes of a target under their canonical names. */
export type AttributeKey<Target extends SearchTarget> = Extract<
  Field<Target>,
  { readonly entity: "attribute" }
>["key"];

/** Of one span of the trace. `content` is everything the span recorded, as text. */
export type SpanField =
  | {
      readonly entity: "span";
      readonly key: "name" | "type" | "status" | "model" | "duration_ms" | "content";
    }
  | { readonly entity: "span-attribute"; readonly key: string };

/** Numbers are finite. */
export type Test =
  /** For feedback and expectations a text also equals the JSON form of a number or boolean (`'true'`). */
  | { readonly operator: "=" | "!="; readonly value: string | number | boolean }
  | { readonly operator: "<" | "<=" | ">" | ">="; readonly value: number }
  /** At least one value. */
  | { readonly operator: "in" | "not in"; readonly values: readonly string[] }
  /** Every backslash stands before `%`, `_` or another backslash: made for `ESCAPE '\'`. */
  | { readonly operator: "like" | "ilike"; readonly pattern: string }
  /** Valid for `parsePattern`; matches anywhere in the value. */
  | { readonly operator: "rlike"; readonly pattern: string }
  | { readonly operator: "is null" | "is not null" };

export type Operator = Test["operator"];

/**
 * A condition on one field. It is either true or false: where the field is absent (or a metric is
 * NaN) every operator but `is null` is false, `!=` and `not in` included, as in MLflow. A field with
 * several values (datasets of a run, feedback of one name) satisfies it if one of them does.
 */
export interface Comparison<Target extends SearchTarget = SearchTarget> {
  readonly kind: "comparison";
  readonly field: Field<Target>;
  readonly test: Test;
}

export interface SpanComparison {
  readonly kind: "comparison";
  readonly field: SpanField;
  readonly test: Test;
}

/** True if the trace has **one** span that satisfies, of every clause, at least one comparison. */
export interface SpanFilter {
  readonly kind: "span";
  readonly clauses: readonly (readonly SpanComparison[])[];
}

/** At least two filters in `and` and `or`. */
export type Filter<Target extends SearchTarget = SearchTarget> =
  | { readonly kind: "and" | "or"; readonly filters: readonly Filter<Target>[] }
  /** Exactly where `filter` is false: `NOT tags.a = 'x'` holds where the tag is absent. */
  | { readonly kind: "not"; readonly filter: Filter<Target> }
  | Comparison<Target>
  | ("traces" extends Target ? SpanFilter : never);

/** What results can be ordered by. */
export type OrderField<Target extends SearchTarget = SearchTarget> = Extract<
  Field<Target>,
  { readonly entity: "attribute" | "metric" | "param" | "tag" | "metadata" }
>;

/** Whatever the direction, NaN comes behind the numbers and absent values come last. */
export interface OrderTerm<Target extends SearchTarget = SearchTarget> {
  readonly field: OrderField<Target>;
  readonly descending: boolean;
}
