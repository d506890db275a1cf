import { sql } from "kysely";
import type { Test } from "../../search/index.ts";
import type { SqlExpressions } from "../engine.ts";
import { allOf, type Compiled, complement, hasEntry, unindexed } from "./condition.ts";
import {
  type Attribute,
  type Condition,
  column,
  type DatasetKey,
  type KeyedTable,
  type SearchTable,
  type Value,
} from "./search-table.ts";
import { numberTest, textTest } from "./tests.ts";
import { beginningOf, textRange } from "./text-range.ts";

/** What the conditions of one search have in common. */
export interface Surroundings {
  readonly expressions: SqlExpressions;
  readonly table: SearchTable;
  /** The scope in such words that an index behind experiment and lifecycle stage can be used. */
  readonly indexScope: readonly Condition[];
}

export function compileAttribute(
  { expressions, table, indexScope }: Surroundings,
  { type, value, find, isBehindScope }: Attribute,
  test: Test,
): Compiled {
  if (type === "number") return { holds: numberTest(value, test), finders: [] };
  if (type === "id") return { holds: idTest(expressions, value, test), finders: [] };
  const range = find?.((indexed) => textRange(expressions, indexed, test) ?? sql`1 = 1`);
  const isFound = range !== undefined && textRange(expressions, value, test) !== undefined;
  if (!isFound) return { holds: textTest(expressions, value, test), finders: [] };
  const ids = sql`select ${column(table.id)} as id from ${sql.table(table.table)} as t
    where ${allOf([...(isBehindScope ? indexScope : []), range])}`;
  // Where the index holds few such values, the finder is used; equal ones stand in order of time.
  const compared = test.operator === "=" ? value : unindexed(value);
  return { holds: textTest(expressions, compared, test), finders: [ids] };
}

/** Compares an id that is a number in the database as the text that callers know. */
function idTest(expressions: SqlExpressions, value: Value, test: Test): Condition {
  if (test.operator !== "=") return textTest(expressions, sql`cast(${value} as text)`, test);
  const wanted = Number(test.value);
  const isId = Number.isSafeInteger(wanted) && String(wanted) === test.value;
  return isId ? sql`${value} = ${wanted}` : sql`1 = 0`;
}

const KEY = sql.ref("e.key");
const VALUE = sql.ref("e.value");

export function compileText(
  surroundings: Surroundings,
  keyed: KeyedTable,
  key: string,
  test: Test,
): Compiled {
  const { expressions, table } = surroundings;
  const hasKey = sql<boolean>`${KEY} = ${key}`;
  if (test.operator === "is null") {
    return complement(compileText(surroundings, keyed, key, IS_THERE));
  }
  const range = textRange(expressions, beginningOf(VALUE), test);
  const conditions = test === IS_THERE ? [hasKey] : [hasKey, textTest(expressions, VALUE, test)];
  return hasEntry(table, {
    ...entriesOf(keyed),
    conditions,
    ranges: keyed.isIndexed ? [allOf([hasKey, ...(range ? [range] : [])])] : [],
  });
}

const IS_THERE: Test = { operator: "is not null" };

export function compileMetric(
  { table }: Surroundings,
  keyed: KeyedTable,
  key: string,
  test: Test,
): Compiled {
  const hasKey = sql<boolean>`${KEY} = ${key}`;
  const isNumber = sql<boolean>`e.is_nan = 0`;
  // Of `!=` nearly all entries pass; it is found by the key alone.
  const range = allOf([
    hasKey,
    isNumber,
    ...(test.operator === "!=" ? [] : [numberTest(VALUE, test)]),
  ]);
  // The signs keep SQLite from searching the index over values for each run anew.
  const conditions = [hasKey, sql<boolean>`+e.is_nan = 0`, numberTest(sql`(+${VALUE})`, test)];
  return hasEntry(table, {
    ...entriesOf(keyed),
    conditions,
    ranges: keyed.isIndexed ? [range] : [],
  });
}

const entriesOf = ({ table, owner }: KeyedTable) => ({
  from: sql`${sql.table(table)} as e`,
  owner: sql.ref(`e.${owner}`),
});

/** The name, the digest or the context ("training") of a dataset that a run used. */
export function compileDataset(
  { expressions, table }: Surroundings,
  key: DatasetKey,
  test: Test,
): Compiled {
  const owner = sql.ref("e.run");
  if (key === "context") {
    const isContext = sql<boolean>`e.key = 'mlflow.data.context'`;
    const conditions = [isContext, textTest(expressions, VALUE, test)];
    return hasEntry(table, { from: sql`run_input_tags as e`, owner, conditions, ranges: [] });
  }
  return hasEntry(table, {
    from: sql`run_inputs as e join input_datasets as d on d.id = e.dataset`,
    owner,
    conditions: [textTest(expressions, sql.ref(`d.${key}`), test)],
    ranges: [],
  });
}

/**
 * Prompt versions are linked in a tag, as JSON: `[{"name": "greeting", "version": "3"}]`, with Python's
 * spaces or without.
 */
export function compilePrompt(surroundings: Surroundings, tags: KeyedTable, id: string): Compiled {
  const { expressions, table } = surroundings;
  const slash = id.lastIndexOf("/");
  const [name, version] = [id.slice(0, slash), id.slice(slash + 1)].map((part) =>
    JSON.stringify(part),
  );
  const json = sql`replace(replace(${VALUE}, '": ', '":'), ', "', ',"')`;
  const link = `{"name":${name},"version":${version}}`;
  const isLinked = expressions.like(json, `%${link.replace(/[\\%_]/g, "\\$&")}%`);
  const hasKey = sql<boolean>`${KEY} = ${"mlflow.linkedPrompts"}`;
  return hasEntry(table, {
    ...entriesOf(tags),
    conditions: [hasKey, isLinked],
    ranges: [hasKey],
  });
}
