import { type RawBuilder, sql } from "kysely";
import type { AttributeKey, DatasetField, SearchTarget } from "../../search/index.ts";
import type { SqlExpressions } from "../engine.ts";
import type { Schema } from "../schema.ts";

export type Condition = RawBuilder<boolean>;
export type Value = RawBuilder<unknown>;

/** A column of the row that is searched for: its table is called `t` in every statement. */
export const column = (name: string): Value => sql.ref(`t.${name}`);

export interface Attribute {
  /** `id` is a number in the database and a text to callers. */
  readonly type: "text" | "number" | "id";
  readonly value: Value;
  readonly isNullable?: boolean;
  /**
   * The condition on rows of `t` by which an index finds those whose value passes a test; absent where
   * no index does.
   */
  readonly find?: (test: (value: Value) => Condition) => Condition;
  /** Whether that index has the experiment and the lifecycle stage before the value. */
  readonly isBehindScope?: true;
}

/** A table of values under keys, of which a row may own any number. */
export interface KeyedTable {
  readonly table: keyof Schema;
  /** The column with the owner's id. */
  readonly owner: string;
  /** Whether an index finds owners by key and value: metrics whole, texts by their beginning. */
  readonly isIndexed: boolean;
  /** Whether its values are numbers, or NaN. */
  readonly holdsNumbers?: true;
  /** For owners with several values under a key: columns whose greatest values mark the latest one. */
  readonly latest?: readonly string[];
}

/** What narrows a search besides its filter. */
export interface Scope {
  /** Absent: all. */
  readonly experiments?: readonly number[];
  readonly lifecycle: "active" | "deleted" | "all";
}

/** How a search target lies in the database. */
export interface SearchTable<Target extends SearchTarget = SearchTarget> {
  readonly table: keyof Schema;
  /** The integer by which other tables know a row. */
  readonly id: string;
  /** An attribute may live among the tags. */
  readonly attributes: {
    readonly [key in AttributeKey<Target>]: Attribute | { readonly tag: string };
  };
  readonly keyed: { readonly [entity: string]: KeyedTable };
  /** Conditions that keep rows of `t` outside the scope out. */
  readonly scope: (expressions: SqlExpressions, scope: Scope) => readonly Condition[];
  readonly defaultLimit: number;
  readonly maxLimit: number;
}

export type DatasetKey = DatasetField["key"];

export const text = (name: string): Attribute => ({ type: "text", value: column(name) });
export const number = (name: string): Attribute => ({ type: "number", value: column(name) });
export const nullable = (attribute: Attribute): Attribute => ({ ...attribute, isNullable: true });

/** A text column with an index of its own. */
export const indexedText = (name: string): Attribute => ({
  ...text(name),
  find: (test) => test(column(name)),
});

/** The public id of the run that a column names by its integer. */
export const runId = (name: string): Attribute => ({
  type: "text",
  value: sql`(select runs.run_id from runs where runs.id = ${column(name)})`,
  isNullable: true,
  find: (test) =>
    sql`${column(name)} in (select runs.id from runs where ${test(sql.ref("runs.run_id"))})`,
});

export const experimentId: Attribute = { type: "id", value: column("experiment_id") };
