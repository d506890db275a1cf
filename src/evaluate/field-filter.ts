import { AssayError, type Row } from "../core/index.ts";
import { fieldText } from "./gating/row-facts.ts";

/**
 * A filter for the rows that meet every condition: `category=sports`, `metadata.lang!=en`, `id=q7`. Fields
 * are found as those of a gate's slice are; what is no text is compared as JSON, and a row without the field
 * differs from every value.
 *
 * @throws {AssayError} `invalid-argument` for what is no condition.
 */
export function fieldFilter(conditions: readonly string[]): (row: Row) => boolean {
  const tests = conditions.map(readCondition);
  return (row) => tests.every((test) => test(row));
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
