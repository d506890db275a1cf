import { createRequire } from "node:module";
import type { ErrorObject, Options } from "ajv";
import { AssayError } from "../core/errors.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";

/** Says what is wrong with a value, undefined where it satisfies the schema. */
export type JsonSchemaCheck = (value: JsonValue) => string | undefined;

/** Where Ajv keeps each draft, by what `$schema` says. */
const DRAFTS: readonly (readonly [RegExp, module: string])[] = [
  [/^https?:\/\/json-schema\.org\/draft-07\/schema#?$/, "ajv"],
  [/^https?:\/\/json-schema\.org\/draft\/2019-09\/schema#?$/, "ajv/dist/2019.js"],
  [/^https?:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/, "ajv/dist/2020.js"],
];
const NEWEST = "ajv/dist/2020.js";
const MAX_PROBLEMS = 3;

// Loaded where a schema is compiled: who needs none should not wait for it.
const require = createRequire(import.meta.url);

interface Validator {
  (value: unknown): boolean;
  errors?: readonly ErrorObject[] | null;
}

type AjvModule = {
  readonly default: new (options: Options) => { compile(schema: JsonObject | boolean): Validator };
};

/**
 * Compiles a JSON Schema of draft 7, 2019-09 or 2020-12, as its `$schema` says, else 2020-12. As the
 * newer drafts have it, `format` is a remark that is not checked.
 *
 * @throws {AssayError} `invalid-argument` for what is no such schema, with the reason.
 */
export function compileJsonSchema(schema: JsonObject | boolean): JsonSchemaCheck {
  const { default: Ajv } = require(moduleOf(schema)) as AjvModule;
  let validate: Validator;
  try {
    validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "it cannot be compiled";
    throw new AssayError("invalid-argument", `The JSON Schema is not valid: ${reason}`, { cause });
  }
  return (value) => (validate(value) ? undefined : describe(validate.errors ?? []));
}

function moduleOf(schema: JsonObject | boolean): string {
  if (typeof schema === "boolean") return NEWEST;
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) {
    throw new AssayError("invalid-argument", "Expected a JSON Schema: an object or a boolean");
  }
  const { $schema } = schema;
  if ($schema === undefined) return NEWEST;
  const draft = DRAFTS.find(([uri]) => typeof $schema === "string" && uri.test($schema));
  if (draft !== undefined) return draft[1];
  throw new AssayError(
    "invalid-argument",
    `Expected \`$schema\` to name draft-07, 2019-09 or 2020-12, got ${JSON.stringify($schema)}`,
  );
}

function describe(errors: readonly ErrorObject[]): string {
  const shown = errors
    .slice(0, MAX_PROBLEMS)
    .map(({ instancePath, message }) => `${instancePath || "the output"} ${message ?? "is wrong"}`);
  const more = errors.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join("; ");
}
