import { AssayError, type Row } from "../core/index.ts";
import { fieldText } from "./gating/row-facts.ts";

/** A filter that tells what it asks for. */
interface FieldFilter {
  (row: Row): boolean;
  readonly conditions: readonly string[];
}

/**
 * A filter for the rows that meet every condition: `category=sports`, `metadata.lang!=en`, `id=q7`. Fields
 * are found as those of a gate's slice are; what is no text is compared as JSON, and a row without the field
 * differs from every value.
 *
 * @param narrowed - What rows have to meet as well.
 * @throws {AssayError} `invalid-argument` for what is no condition.
 */
export function fieldFilter(
  conditions: readonly string[],
  narrowed: (row: Row) => boolean = () => true,
): FieldFilter {
  const tests = conditions.map(readCondition);
  const filter = (row: Row) => narrowed(row) && tests.every((test) => test(row));
  return Object.assign(filter, { conditions });
}

/** What a filter asks for, in whichever order it was given; absent for code, which is not looked into. */
export function conditionsOf(
  filter: ((row: Row) => boolean) | FieldFilter | undefined,
): string | undefined {
  if (filter === undefined || !("conditions" in filter)) return undefined;
  return [...filter.conditions].sort().join(", ");
}

function readCondition(text: string): (row: Row) => boolean {
  const [, name = "", operator, value] = /^([^=!]+)(!?=)(.*)$/s.exec(text) ?? [];
  const field = name.trim();
  if (field === "") {
    throw new AssayError(
      "invalid-argument",
      `Expected a filter of the form field=value or field!=value, got "${text}"`,
    );
  }
  const found = (row: Row) => (field === "id" ? row.rowKey : fieldText(row, field));
  return operator === "=" ? (row) => found(row) === value : (row) => found(row) !== value;
}
