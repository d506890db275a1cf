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
    const advice = isPromptPath(template)
      ? `It is the text "${template}": read the file for it, or give it with --prompt`
      : `Expected e.g. "${placeholders(row)}"`;
    throw new AssayError("invalid-argument", `The prompt names no input of the row. ${advice}`);
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

/** Whether a prompt is rather the path of a file; one of several words is where it ends as text files do. */
export function isPromptPath(prompt: string): boolean {
  return /^(?:[^\s{}]+\.\w{1,10}|[^\n{}]+\.(?:txt|md|prompt|j2|jinja2?|tmpl|mustache|hbs|ya?ml|json))$/i.test(
    prompt,
  );
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
