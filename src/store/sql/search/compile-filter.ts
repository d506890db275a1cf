import { sql } from "kysely";
import { AssayError } from "../../../core/index.ts";
import type { Comparison, Filter, SearchTarget } from "../../search/index.ts";
import { compileAssessment } from "./assessments.ts";
import { allOf, anyOf, type Compiled, complement } from "./condition.ts";
import {
  compileAttribute,
  compileDataset,
  compileEntries,
  compileKeyed,
  compilePrompt,
  type Surroundings,
} from "./fields.ts";
import type { Attribute, KeyedTable, SearchTable } from "./search-table.ts";
import { compileSpans } from "./spans.ts";

/** A filter of the table's target as a condition on its row `t`. */
export function compileFilter(surroundings: Surroundings, filter: Filter): Compiled {
  switch (filter.kind) {
    case "not":
      return complement(compileFilter(surroundings, filter.filter));
    case "and":
      return both(filter.filters.map((part) => compileFilter(surroundings, part)));
    case "or":
      return either(compileAlternatives(surroundings, alternativesIn(filter)));
    case "span":
      return compileSpans(surroundings.expressions, tracesOf(surroundings), filter);
    case "comparison":
      return compileComparison(surroundings, filter);
  }
}

type Alternatives = readonly Filter[];

/** What is joined by OR, in parentheses or not. */
function alternativesIn(filter: Filter): Alternatives {
  return filter.kind === "or" ? filter.filters.flatMap(alternativesIn) : [filter];
}

/** One part for all tests of entries of one table, and one for each other alternative. */
function compileAlternatives(
  surroundings: Surroundings,
  alternatives: Alternatives,
): readonly Compiled[] {
  const groups = Map.groupBy(alternatives, (part) => entriesOf(surroundings.table, part)?.keyed);
  return [...groups].flatMap(([keyed, parts]) => {
    if (keyed === undefined) return parts.map((part) => compileFilter(surroundings, part));
    const tests = parts.flatMap((part) => entriesOf(surroundings.table, part) ?? []);
    return [compileEntries(surroundings, keyed, tests)];
  });
}

/** The entries that a part asks for, where it does not ask for their absence. */
function entriesOf(table: SearchTable, part: Filter) {
  if (part.kind !== "comparison" || part.test.operator === "is null") return undefined;
  const { field, test } = part;
  switch (field.entity) {
    case "metric":
    case "param":
    case "tag":
    case "metadata":
      return { keyed: keyedTable(table, field.entity), key: field.key, test };
    case "attribute": {
      const attribute = attributeOf(table, field.key);
      return "tag" in attribute
        ? { keyed: keyedTable(table, "tag"), key: attribute.tag, test }
        : undefined;
    }
    default:
      return undefined;
  }
}

/** Beyond this many, planning joins takes longer than any of them saves. */
const MAX_JOINS = 8;

/** SQLite puts at most 500 queries together; beyond a few they find too many rows to be of use anyway. */
const MAX_FINDERS = 50;

function both(parts: readonly Compiled[]): Compiled {
  return {
    // In this form engines test row by row what they would plan as a join.
    holds: allOf(
      parts.map(({ holds }, at) => (at < MAX_JOINS ? holds : sql<boolean>`(${holds}) is true`)),
    ),
    finders: parts.flatMap(({ finders }) => finders),
    ...scanOfAll(parts),
  };
}

function scanOfAll(parts: readonly Compiled[]): Pick<Compiled, "scan"> {
  const scans = parts.flatMap(({ scan }) => scan ?? []);
  if (scans.length === 0) return {};
  const isWhole = scans.length === parts.length && scans.every((scan) => scan.isWhole);
  return { scan: { condition: allOf(scans.map(({ condition }) => condition)), isWhole } };
}

/** What finds the rows of every part finds those of the whole. */
function either(parts: readonly Compiled[]): Compiled {
  const finders = parts.flatMap((part) => part.finders.slice(0, 1));
  const areUsable = finders.length === parts.length && finders.length <= MAX_FINDERS;
  return {
    holds: anyOf(parts.map(({ holds }) => holds)),
    finders: areUsable ? [sql.join(finders, sql` union all `)] : [],
  };
}

function compileComparison(surroundings: Surroundings, { field, test }: Comparison): Compiled {
  const { table, expressions } = surroundings;
  switch (field.entity) {
    case "attribute": {
      const attribute = attributeOf(table, field.key);
      return "tag" in attribute
        ? compileKeyed(surroundings, keyedTable(table, "tag"), attribute.tag, test)
        : compileAttribute(surroundings, attribute, test);
    }
    case "metric":
    case "param":
    case "tag":
    case "metadata":
      return compileKeyed(surroundings, keyedTable(table, field.entity), field.key, test);
    case "dataset":
      return compileDataset(surroundings, field.key, test);
    case "feedback":
    case "expectation":
      return compileAssessment(expressions, field.entity, field.key, test);
    case "prompt": {
      const id = "value" in test ? String(test.value) : "";
      return compilePrompt(surroundings, keyedTable(table, "tag"), id);
    }
    case "issue":
      // Issues are not kept here, so that no trace is linked to one.
      return { holds: sql`1 = 0`, finders: [] };
  }
}

export function attributeOf(table: SearchTable, key: string): Attribute | { readonly tag: string } {
  const attributes: { readonly [key: string]: Attribute | { readonly tag: string } } =
    table.attributes;
  return attributes[key] ?? missing(table, `attribute ${key}`);
}

export function keyedTable(table: SearchTable, entity: string): KeyedTable {
  return table.keyed[entity] ?? missing(table, entity);
}

/** Spans and assessments belong to traces alone. */
function tracesOf({ table }: Surroundings): SearchTable<"traces"> {
  if (table.table !== "traces") missing(table, "spans and assessments");
  return table as SearchTable as SearchTable<"traces">;
}

function missing(table: SearchTable<SearchTarget>, what: string): never {
  throw new AssayError(
    "internal",
    `Expected ${table.table} to have ${what}, which the filter names`,
  );
}
