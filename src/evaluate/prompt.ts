import { AssayError, type JsonObject } from "../core/index.ts";

/**
 * Fills `{{ name }}` with the row's inputs, in one pass: a value that holds braces stays as it is.
 *
 * @throws {AssayError} `invalid-argument` for a name that the row does not have.
 */
export function renderPrompt(template: string, inputs: JsonObject): string {
  return template.replace(/\{\{\s*([\w.-]+)\s*\}\}/g, (_, name: string) => {
    const value = inputs[name];
    if (value === undefined) {
      const available = Object.keys(inputs).join(", ") || "none";
      throw new AssayError(
        "invalid-argument",
        `The prompt names {{ ${name} }}, which the row does not have. Available inputs: ${available}`,
      );
    }
    return typeof value === "string" ? value : JSON.stringify(value);
  });
}

/** Every input as a placeholder, to show what a prompt could look like. */
export function placeholders(inputs: JsonObject): string {
  return Object.keys(inputs)
    .map((name) => `{{ ${name} }}`)
    .join(" ");
}
