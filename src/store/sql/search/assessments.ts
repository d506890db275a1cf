import { sql } from "kysely";
import type { Test } from "../../search/index.ts";
import type { SqlExpressions } from "../engine.ts";
import { allOf, anyOf, type Compiled, unindexed } from "./condition.ts";
import { type Condition, column, type Value } from "./search-table.ts";
import { numberTest, textTest } from "./tests.ts";
import { prefixRange } from "./text-range.ts";

/**
 * Where what was said of the trace `t` is found. Together they are the view `trace_assessments`; SQLite
 * would make the whole view for every search, while each of these is found by its trace.
 */
interface Source {
  /** What follows FROM, to the end of the conditions that tie it to the trace. */
  readonly ofTrace: Value;
  readonly name: Value;
  /** The value of a number, 1 or 0 of a boolean, else NULL. */
  readonly number: Value;
  readonly label: Value;
}

const given = (kind: "feedback" | "expectation"): Source => ({
  ofTrace: sql`assessments as e where e.trace = ${column("id")} and e.valid = 1 and e.kind = ${kind}`,
  name: unindexed(sql.ref("e.name")),
  number: sql`(+e.number)`,
  label: sql.ref("e.label"),
});

/** The scores of evaluations. CROSS JOIN: SQLite reads the tables in this order. */
const SCORED: Source = {
  ofTrace: sql`results as r cross join scores as s cross join scorers as c
    where r.trace_id = ${column("trace_id")} and s.result_id = r.id and s.part = 0
    and s.kind <> 'u' and c.id = s.scorer_id`,
  name: sql.ref("c.key"),
  number: sql.ref("s.value"),
  label: sql`case s.kind when 's' then s.label
    when 'b' then case s.value when 1 then 'true' else 'false' end else cast(s.value as text) end`,
};

/**
 * A condition on what was said of a trace under a name: the key of a scorer, `relevance/v1`, or its
 * name, `relevance`, which stands for all its versions.
 */
export function compileAssessment(
  expressions: SqlExpressions,
  entity: "feedback" | "expectation",
  key: string,
  test: Test,
): Compiled {
  const isFeedback = entity === "feedback";
  const isAbsent = test.operator === "is null";
  const wanted: Test = isAbsent ? { operator: "is not null" } : test;
  const sources = isFeedback ? [given(entity), SCORED] : [given(entity)];
  const holds = anyOf(
    sources.map((source) => {
      const isNamed = anyOf(namesOf(source.name, key));
      const passes = assessmentTest(expressions, source, wanted);
      return sql`exists (select 1 from ${source.ofTrace} and ${isNamed} and ${passes})`;
    }),
  );
  if (isAbsent) return { holds: sql`not ${holds}`, finders: [] };
  const finders = [...givenTraces(key, test), ...(isFeedback ? [scoredTraces(key)] : [])];
  return { holds, finders: [sql.join(finders, sql` union all `)] };
}

function assessmentTest(
  expressions: SqlExpressions,
  { number, label }: Source,
  test: Test,
): Condition {
  if (isNumeric(test)) return numberTest(number, test);
  // SQLite makes `3.0` of the number 3 where JSON and PostgreSQL have `3`.
  const json = sql`case when ${number} is not null and ${label} like '%.0'
    then substr(${label}, 1, length(${label}) - 2) else ${label} end`;
  return textTest(expressions, json, test);
}

const isNumeric = (test: Test): boolean => "value" in test && typeof test.value === "number";

function givenTraces(key: string, test: Test): readonly Value[] {
  const numbers = isNumeric(test) ? [numberTest(sql.ref("e.number"), test)] : [];
  const isNarrow = test.operator !== "!=";
  return namesOf(sql.ref("e.name"), key).map(
    (name) => sql`select e.trace as id from assessments as e
      where ${allOf([name, ...(isNarrow ? numbers : [])])}`,
  );
}

/** Every trace that an evaluation with the scorer has made, whatever the score. */
function scoredTraces(key: string): Value {
  // The join order is fixed: few scorers, their runs, and the results of these, counted one by one.
  return sql`select (select traces.id from traces where traces.trace_id = r.trace_id) as id
    from scorers as c cross join results as r
    where ${anyOf(namesOf(sql.ref("c.key"), key))} and r.run = c.run`;
}

/** Conditions one of which a name fulfils. */
function namesOf(name: Value, key: string): Condition[] {
  const versions = prefixRange(name, `${key}/`);
  return [sql`${name} = ${key}`, ...(versions === undefined ? [] : [versions])];
}
