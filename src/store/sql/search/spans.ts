import { sql } from "kysely";
import { ATTRIBUTES as RECORDED } from "../../../otlp/index.ts";
import type { SpanComparison, SpanField, SpanFilter, Test } from "../../search/index.ts";
import type { SqlExpressions } from "../engine.ts";
import { anyOf, type Compiled, hasEntry, unindexed } from "./condition.ts";
import type { Condition, SearchTable, Value } from "./search-table.ts";
import { numberTest, textTest } from "./tests.ts";
import { textRange } from "./text-range.ts";

const STATUSES = ["UNSET", "OK", "ERROR"];

const NAME = sql.ref("e.name");
const TYPE = sql.ref("e.type");
const STATUS = sql.ref("e.status");
const ATTRIBUTES = sql.ref("e.attributes");

/** One span of the trace fulfils, of every clause, at least one comparison. */
export function compileSpans(
  expressions: SqlExpressions,
  table: SearchTable<"traces">,
  { clauses }: SpanFilter,
): Compiled {
  const conditions = clauses.map((clause) =>
    anyOf(clause.map((comparison) => spanCondition(expressions, comparison))),
  );
  const certain = clauses.flatMap((clause) => (clause.length === 1 ? clause : []));
  return hasEntry(table as SearchTable, {
    from: sql`spans as e`,
    owner: sql.ref("e.trace"),
    conditions,
    ranges: [...nameRanges(expressions, certain), ...statusRanges(expressions, certain)],
  });
}

function spanCondition(expressions: SqlExpressions, { field, test }: SpanComparison): Condition {
  if (field.entity === "span-attribute") {
    return textTest(expressions, expressions.jsonMember(ATTRIBUTES, field.key), test);
  }
  switch (field.key) {
    case "duration_ms":
      return numberTest(sql`(cast(e.end_ns - e.start_ns as double precision) / 1000000)`, test);
    case "content":
      return anyOf(CONTENT.map((part) => textTest(expressions, part, test)));
    case "model":
      return textTest(expressions, modelOf(expressions), test);
    case "name":
      // An index has the trace behind the name.
      return textTest(expressions, test.operator === "=" ? NAME : unindexed(NAME), test);
    default:
      return textTest(expressions, unindexed(field.key === "type" ? TYPE : STATUS), test);
  }
}

/** Short columns first: what they hold saves reading the long ones. Exceptions are events. */
const CONTENT = ["name", "status_message", "events", "outputs", "inputs", "attributes"].map(
  (name) => sql.ref(`e.${name}`),
);

/** The model that was asked for, or the one that answered where only that is known. */
function modelOf(expressions: SqlExpressions): Value {
  const member = (key: string) => expressions.jsonMember(ATTRIBUTES, key);
  return sql`coalesce(${member(RECORDED.requestModel)}, ${member(RECORDED.responseModel)})`;
}

type Comparisons = readonly SpanComparison[];

function nameRanges(expressions: SqlExpressions, comparisons: Comparisons): Condition[] {
  return testsOf(comparisons, "name").flatMap((test) => textRange(expressions, NAME, test) ?? []);
}

/** The index has the status before the type, so that it serves failures of any type too. */
function statusRanges(expressions: SqlExpressions, comparisons: Comparisons): Condition[] {
  const status = rangeOf(expressions, STATUS, testsOf(comparisons, "status"));
  const type = rangeOf(expressions, TYPE, testsOf(comparisons, "type"));
  if (type === undefined) return status === undefined ? [] : [status];
  return [sql`${status ?? expressions.isAmong(STATUS, STATUSES)} and ${type}`];
}

function rangeOf(
  expressions: SqlExpressions,
  column: Value,
  tests: readonly Test[],
): Condition | undefined {
  return tests
    .map((test) => textRange(expressions, column, test))
    .find((range) => range !== undefined);
}

function testsOf(comparisons: Comparisons, key: SpanField["key"]): Test[] {
  return comparisons.flatMap(({ field, test }) =>
    field.entity === "span" && field.key === key ? [test] : [],
  );
}
