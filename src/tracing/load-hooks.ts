import { registerHooks } from "node:module";

/** A file of a package whose class is wanted once it has been evaluated. */
export interface LoadTarget {
  readonly file: RegExp;
  /** The class, by its name in that file. */
  readonly className: string;
  readonly found: (loaded: object, url: string) => void;
}

const REGISTER = Symbol.for("assay.register");

type Hear = (loaded: object, url: string) => void;

/** Of all copies of Assay in the process; a file's line names its place here. */
function hearers(): Hear[] {
  const shared = globalThis as { [REGISTER]?: Hear[] };
  shared[REGISTER] ??= [];
  return shared[REGISTER];
}

/**
 * Hears of packages that the program loads from now on, as an ES module or as CommonJS: a line behind the
 * file's own hands over the class. Nothing else of the file changes.
 *
 * @returns Ends it.
 */
export function onLoad(targets: readonly LoadTarget[]): () => void {
  const first = hearers().push(...targets.map(({ found }) => found)) - targets.length;
  const hooks = registerHooks({
    load: (url, context, nextLoad) => {
      const loaded = nextLoad(url, context);
      const at = targets.findIndex(({ file }) => file.test(url));
      const target = targets[at];
      if (target === undefined || loaded.source === undefined || loaded.source === null)
        return loaded;
      const source =
        typeof loaded.source === "string" ? loaded.source : new TextDecoder().decode(loaded.source);
      const call = `globalThis[Symbol.for("assay.register")]?.[${first + at}]?.(${target.className}, ${JSON.stringify(url)})`;
      // A version without the class goes on as it is.
      return { ...loaded, source: `${source}\n;try { ${call} } catch {}\n` };
    },
  });
  return () => hooks.deregister();
}
