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

/** Where a file's line finds `found`, in a list of all copies of Assay in the process. */
function placeOf(found: Hear): number {
  const shared = globalThis as { [REGISTER]?: Hear[] };
  shared[REGISTER] ??= [];
  const hearers = shared[REGISTER];
  const known = hearers.indexOf(found);
  return known === -1 ? hearers.push(found) - 1 : known;
}

/**
 * Hears of packages that the program loads from now on, as an ES module or as CommonJS: a line behind the
 * file's own hands over the class. Nothing else of the file changes.
 *
 * @returns Ends it.
 */
export function onLoad(targets: readonly LoadTarget[]): () => void {
  const places = targets.map(({ found }) => placeOf(found));
  const hooks = registerHooks({
    load: (url, context, nextLoad) => {
      const loaded = nextLoad(url, context);
      const at = targets.findIndex(({ file }) => file.test(url));
      const target = targets[at];
      if (target === undefined || loaded.source === undefined || loaded.source === null)
        return loaded;
      const source =
        typeof loaded.source === "string" ? loaded.source : new TextDecoder().decode(loaded.source);
      const call = `globalThis[Symbol.for("assay.register")]?.[${places[at]}]?.(${target.className}, ${JSON.stringify(url)})`;
      // A version without the class goes on as it is.
      return { ...loaded, source: `${source}\n;try { ${call} } catch {}\n` };
    },
  });
  return () => hooks.deregister();
}
