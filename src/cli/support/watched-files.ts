import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

/**
 * Collects the user's own modules that are loaded from now on, so that `--watch` knows what a run depends
 * on. Packages are left out: who changes those starts anew.
 */
export function collectModules(): ReadonlySet<string> {
  const files = new Set<string>();
  const own = new URL("../../", import.meta.url).href;
  registerHooks({
    load: (url, context, nextLoad) => {
      const isUsers = url.startsWith("file:") && !url.startsWith(own);
      if (isUsers && !url.includes("/node_modules/"))
        files.add(fileURLToPath(url.split("?")[0] ?? url));
      return nextLoad(url, context);
    },
  });
  return files;
}

/** What a watched run says to the process that watches. */
export interface WatchedFiles {
  readonly files: readonly string[];
}
