import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { AssayError } from "../core/index.ts";

/** A package that is the program's own: which module of it to load, and what to call it. */
export interface ProgramModule {
  /** E.g. `@langchain/core/callbacks/manager`. */
  readonly specifier: string;
  readonly packageName: string;
  /** What messages call it: "LangChain". */
  readonly title: string;
}

/** By the ending of a CommonJS file the one of its twin. */
const TWINS: readonly (readonly [commonJs: RegExp, module: string])[] = [
  [/\.cjs$/, ".js"],
  [/\.js$/, ".mjs"],
];

/** One of the copies of a package in a program. */
export interface Copy<M> {
  readonly module: M;
  /** Another module of the same copy, at once; `undefined` where there is none such. */
  sibling(specifier: string): object | undefined;
}

/**
 * Every copy of a module that the program may use: an ES module and a CommonJS one, each with classes of
 * its own.
 *
 * @throws {AssayError} `configuration` when the package is not installed.
 */
export async function loadCopies<M extends object>({
  specifier,
  packageName,
  title,
}: ProgramModule): Promise<Copy<M>[]> {
  // A globally installed Assay finds the program's own copy from its working folder.
  const bases = [import.meta.url, join(process.cwd(), "package.json")];
  const copies = new Map<M, Copy<M>>();
  const add = (copy: Copy<M>) => {
    if (!copies.has(copy.module)) copies.set(copy.module, copy);
  };
  let missing: unknown;
  for (const base of bases) {
    const require = createRequire(base);
    try {
      const file = require.resolve(specifier);
      add(copyOf(require(file) as M, require, "CommonJS"));
      const twin = twinOf(file);
      if (twin === undefined) continue;
      const module = (await import(pathToFileURL(twin).href)) as M;
      add(copyOf(module, require, "ES module"));
    } catch (error) {
      missing ??= error;
    }
  }
  if (copies.size > 0) return [...copies.values()];
  throw new AssayError(
    "configuration",
    `Tracing ${title} needs ${packageName}, which is not installed. Run: npm install ${packageName}`,
    { cause: missing },
  );
}

/** @param require - Finds the package that `module` is of. */
export function copyOf<M extends object>(
  module: M,
  require: NodeJS.Require,
  kind: "CommonJS" | "ES module",
): Copy<M> {
  return {
    module,
    sibling: (specifier) => {
      try {
        const file = require.resolve(specifier);
        // Node loads ES modules at once too, where they do not wait for anything themselves.
        return require(kind === "CommonJS" ? file : (twinOf(file) ?? file)) as object;
      } catch {
        return undefined;
      }
    },
  };
}

function twinOf(file: string): string | undefined {
  for (const [commonJs, ending] of TWINS) {
    const twin = file.replace(commonJs, ending);
    if (twin !== file && existsSync(twin)) return twin;
  }
  return undefined;
}
