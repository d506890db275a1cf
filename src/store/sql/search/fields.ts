import { sql } from "kysely";
import type { Test } from "../../search/index.ts";
import type { SqlExpressions } from "../engine.ts";
import { allOf, anyOf, type Compiled, complement, hasEntry, unindexed } from "./condition.ts";
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
  if (type === "number") return scanned(numberTest(value, test), []);
  if (type === "id") return scanned(idTest(expressions, value, test), []);
  const range = find?.((indexed) => textRange(expressions, indexed, test) ?? sql`1 = 1`);
  const isFound = range !== undefined && textRange(expressions, value, test) !== undefined;
  if (!isFound) {
    const holds = textTest(expressions, value, test);
    // Some indexes hold equal texts in order of time.
    return test.operator === "=" ? scanned(holds, []) : { holds, finders: [] };
  }
  const ids = sql`select ${column(table.id)} as id from ${sql.table(table.table)} as t
    where ${allOf([...(isBehindScope ? indexScope : []), range])}`;
  // Where the index holds few such values, the finder is used; equal ones stand in order of time.
  const compared = test.operator === "=" ? value : unindexed(value);
  return scanned(textTest(expressions, compared, test), [ids]);
}

const scanned = (holds: Condition, finders: readonly Value[]): Compiled => ({
  holds,
  finders,
  scan: { condition: holds, isWhole: true },
});

/** Compares an id that is a number in the database as the text that callers know. */
function idTest(expressions: SqlExpressions, value: Value, test: Test): Condition {
  if (test.operator !== "=") return textTest(expressions, sql`cast(${value} as text)`, test);
  const wanted = Number(test.value);
  const isId = Number.isSafeInteger(wanted) && String(wanted) === test.value;
  return isId ? sql`${value} = ${wanted}` : sql`1 = 0`;
}

const KEY = sql.ref("e.key");
const VALUE = sql.ref("e.value");

/** A condition on the value under a key; `is null` says that there is none. */
export function compileKeyed(
  surroundings: Surroundings,
  keyed: KeyedTable,
  key: string,
  test: Test,
): Compiled {
  if (test.operator !== "is null") return compileEntries(surroundings, keyed, [{ key, test }]);
  const isThere = [{ key, test: { operator: "is not null" } as const }];
  return complement(compileEntries(surroundings, keyed, isThere));
}

/** Beyond this many keys, reading all that a row has under any key takes less than looking them up. */
const FEW_KEYS = 8;

/** Beyond this many keys, planning a search for each takes longer than it saves. */
const MOST_KEYS = 100;

/**
 * True for a row with an entry that one of the tests is for and that passes it. Looking entries up is
 * what takes time, so this is one look-up whatever the number of tests.
 *
 * @param tests - No `is null`.
 */
export function compileEntries(
  { expressions, table }: Surroundings,
  keyed: KeyedTable,
  tests: readonly { readonly key: string; readonly test: Test }[],
): Compiled {
  const byKey = [...Map.groupBy(tests, ({ key }) => key)].map(([key, own]) =>
    entriesUnder(expressions, keyed, key, unitedTests(own.map(({ test }) => test))),
  );
  const names = byKey.map(({ key }) => key);
  const keys = expressions.isAmong(KEY, names);
  const isKnown = names.length > FEW_KEYS ? expressions.isAmong(unindexed(KEY), names) : keys;
  const [only] = byKey;
  const ofKey = ({ hasKey, passes }: Entries) => allOf([hasKey, ...passes]);
  // "is true": otherwise SQLite plans a search for each key.
  const conditions =
    only !== undefined && byKey.length === 1
      ? [only.hasKey, ...only.passes]
      : [isKnown, sql<boolean>`${anyOf(byKey.map(ofKey))} is true`];
  const ranges = byKey.length > MOST_KEYS ? [keys] : byKey.flatMap((entries) => entries.ranges);
  return hasEntry(table, {
    ...entriesOf(keyed),
    conditions,
    ranges: keyed.isIndexed ? anyTest(ranges) : [],
  });
}

interface Entries {
  readonly key: string;
  readonly hasKey: Condition;
  /** On the entry: what it has to be besides. */
  readonly passes: readonly Condition[];
  /** In the words of an index: one of them holds for every entry that passes, and for others. */
  readonly ranges: readonly Condition[];
}

function entriesUnder(
  expressions: SqlExpressions,
  keyed: KeyedTable,
  key: string,
  tests: readonly Test[],
): Entries {
  const hasKey = sql<boolean>`${KEY} = ${key}`;
  if (keyed.holdsNumbers) {
    const isNumber = sql<boolean>`e.is_nan = 0`;
    const ranges = rangesOf([hasKey, isNumber], tests, numberRange);
    // The signs keep SQLite from searching the index over values for each run anew.
    const passes = tests.map((test) => numberTest(sql`(+${VALUE})`, test));
    const isOwnNumber = sql<boolean>`+e.is_nan = 0`;
    return { key, hasKey, passes: [isOwnNumber, ...anyTest(passes)], ranges };
  }
  const textRangeOf = (test: Test) => textRange(expressions, beginningOf(VALUE), test);
  const isAny = tests.some((test) => test.operator === "is not null");
  const passes = isAny ? [] : anyTest(tests.map((test) => textTest(expressions, VALUE, test)));
  return { key, hasKey, passes, ranges: rangesOf([hasKey], tests, textRangeOf) };
}

const anyTest = (passes: readonly Condition[]): readonly Condition[] =>
  passes.length === 1 ? passes : [anyOf(passes)];

/** The part of an index that each test asks for; all under the key where one of them asks for no part. */
function rangesOf(
  ofKey: readonly Condition[],
  tests: readonly Test[],
  rangeOf: (test: Test) => Condition | undefined,
): readonly Condition[] {
  const ranges = tests.map(rangeOf).filter((range) => range !== undefined);
  if (ranges.length < tests.length) return [allOf(ofKey)];
  return ranges.map((range) => allOf([...ofKey, range]));
}

/** Of `!=` nearly all entries pass; it is found by the key alone. */
const numberRange = (test: Test) => (test.operator === "!=" ? undefined : numberTest(VALUE, test));

/** As they are, but for those that ask for one text each, which become one that asks for any of them. */
function unitedTests(tests: readonly Test[]): readonly Test[] {
  const isText = (test: Test) => test.operator === "=" && typeof test.value === "string";
  const values = tests.flatMap((test) => {
    if (test.operator === "in") return test.values;
    return isText(test) && "value" in test ? [String(test.value)] : [];
  });
  if (values.length < 2) return tests;
  const others = tests.filter((test) => test.operator !== "in" && !isText(test));
  return [{ operator: "in", values: [...new Set(values)] }, ...others];
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
