import { AssayError, type JsonValue, nameList, type Row, toDocuments } from "../core/index.ts";

const PLACEHOLDER = /\{\{\s*([^{}]+?)\s*\}\}/g;

/**
 * Fills `{{ name }}` with the row's inputs, other columns and `context` (never with what is expected),
 * in one pass: a value that holds braces stays as it is.
 *
 * @throws {AssayError} `invalid-argument` for a name that the row does not have, and for a prompt
 *   without any: it would ask the same of every row.
 */
export function renderPrompt(template: string, row: Row): string {
  if (template.search(PLACEHOLDER) === -1) {
    throw new AssayError(
      "invalid-argument",
      `The prompt names no input of the row; expected e.g. "${placeholders(row)}"`,
    );
  }
  const values = valuesOf(row);
  return template.replace(PLACEHOLDER, (_, name: string) => {
    const value = values.get(name);
    if (value === undefined) {
      throw new AssayError(
        "invalid-argument",
        `The prompt names {{ ${name} }}, which the row does not have. Available inputs: ${nameList([...values.keys()])}`,
      );
    }
    return typeof value === "string" ? value : JSON.stringify(value);
  });
}

/** Every input as a placeholder, to show what a prompt could look like. */
export function placeholders(row: Row): string {
  const names = Object.keys(row.inputs);
  return (names.length > 0 ? names : ["name"]).map((name) => `{{ ${name} }}`).join(" ");
}

function valuesOf({ inputs, columns, context }: Row): ReadonlyMap<string, JsonValue> {
  const values = new Map(Object.entries({ ...columns, ...inputs }));
  if (context !== undefined && !values.has("context")) values.set("context", textOf(context));
  return values;
}

function textOf(context: JsonValue): JsonValue {
  const documents = typeof context === "string" ? [] : toDocuments(context);
  return documents.length > 0 ? documents.map(({ content }) => content).join("\n\n") : context;
}
