import { registerHooks } from "node:module";

/** A file of a package whose class is wanted once it has been evaluated. */
export interface LoadTarget {
  readonly file: RegExp;
  /** The class, by its name in that file. */
  readonly className: string;
  readonly found: (loaded: object, url: string) => void;
}

const REGISTER = Symbol.for("assay.register");

/**
 * Hears of packages when the program loads them, as an ES module or as CommonJS: a line behind the file's
 * own hands over the class. Nothing else of the file changes.
 */
export function onLoad(targets: readonly LoadTarget[]): void {
  (globalThis as { [REGISTER]?: (at: number, loaded: object, url: string) => void })[REGISTER] = (
    at,
    loaded,
    url,
  ) => targets[at]?.found(loaded, url);
  registerHooks({
    load: (url, context, nextLoad) => {
      const loaded = nextLoad(url, context);
      const at = targets.findIndex(({ file }) => file.test(url));
      const target = targets[at];
      if (target === undefined || loaded.source === undefined || loaded.source === null)
        return loaded;
      const source =
        typeof loaded.source === "string" ? loaded.source : new TextDecoder().decode(loaded.source);
      const call = `globalThis[Symbol.for("assay.register")]?.(${at}, ${target.className}, ${JSON.stringify(url)})`;
      // A version without the class goes on as it is.
      return { ...loaded, source: `${source}\n;try { ${call} } catch {}\n` };
    },
  });
}
