import { pathToFileURL } from "node:url";
import { AssayError, describeError, isAssayError } from "../../core/index.ts";
import { placeOfError } from "./place-of-error.ts";

/** What Node says when a file is TypeScript that it cannot run by stripping types. */
const NEEDS_JITI = new Set([
  "ERR_UNKNOWN_FILE_EXTENSION",
  "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX",
  "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING",
  "ERR_INVALID_TYPESCRIPT_SYNTAX",
]);

/**
 * The default export of a user's file; TypeScript runs natively where Node can, else through jiti.
 *
 * @throws {AssayError} `invalid-argument` when the file throws, does not parse or exports no default.
 */
export async function loadDefault(file: string, shown: string): Promise<unknown> {
  const module = await load(file, shown);
  if (module.default === undefined) {
    throw new AssayError("invalid-argument", `${shown} has no default export`);
  }
  return module.default;
}

async function load(file: string, shown: string): Promise<{ default?: unknown }> {
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    if (!/\.[cm]?ts$/.test(file) || !mayNeedJiti(error)) throw await failure(file, shown, error);
  }
  try {
    const { createJiti } = await import("jiti");
    return await createJiti(import.meta.url, { fsCache: false }).import(file);
  } catch (error) {
    throw await failure(file, shown, error);
  }
}

function mayNeedJiti(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  // An import without its extension resolves under jiti as it does under a bundler; in a package of
  // "type": "commonjs" Node takes .ts for CommonJS and stumbles over the first import.
  return NEEDS_JITI.has(code) || code === "ERR_MODULE_NOT_FOUND" || isTakenForCommonJs(error);
}

function isTakenForCommonJs(error: unknown): boolean {
  return (
    error instanceof SyntaxError && /outside a module|Unexpected token 'export'/.test(error.message)
  );
}

async function failure(file: string, shown: string, error: unknown): Promise<AssayError> {
  if (isAssayError(error)) return error;
  const place = await placeOfError(error, pathToFileURL(file).href);
  const isTaken = /\.js$/.test(shown) && isTakenForCommonJs(error);
  const advice = isTaken
    ? `; Node takes it for CommonJS. Name it ${shown.replace(/js$/, "mjs")}, or write "type": "module" into package.json`
    : "";
  return new AssayError(
    "invalid-argument",
    `Cannot load ${shown}: ${describeError(error)}${place === undefined ? "" : ` (${place})`}${advice}`,
    { cause: error },
  );
}
