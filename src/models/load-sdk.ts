import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { AssayError } from "../core/index.ts";

/**
 * Imports an optional peer: first as Node finds it from here, then as the project in `directory`
 * would, so that a globally installed CLI calls the user's own copy.
 *
 * @throws {AssayError} `configuration` with the install command when it is in neither place.
 */
export async function loadSdk(
  name: string,
  directory: string = process.cwd(),
): Promise<{ readonly [name: string]: unknown }> {
  try {
    return await importModule(name);
  } catch (cause) {
    if (!isMissing(cause)) throw broken(name, cause);
  }
  try {
    const path = createRequire(join(directory, "package.json")).resolve(name);
    return await importModule(pathToFileURL(path).href);
  } catch (cause) {
    if (!isMissing(cause)) throw broken(name, cause);
    throw new AssayError(
      "configuration",
      `The package "${name}" is not installed; run \`npm install ${name}\`.`,
      { cause },
    );
  }
}

async function importModule(specifier: string): Promise<{ readonly [name: string]: unknown }> {
  // A variable specifier keeps the SDK out of the type-check of users who do not have it.
  return (await import(/* @vite-ignore */ specifier)) as { readonly [name: string]: unknown };
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
}

function broken(name: string, cause: unknown): AssayError {
  return new AssayError(
    "configuration",
    `The package "${name}" is installed but cannot be loaded; run \`npm install ${name}\` again.`,
    { cause },
  );
}
