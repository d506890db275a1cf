import { AssayError, quotable } from "../../core/index.ts";

/** The folder, beside the files of any folder, that a store keeps for itself. */
export const META_FOLDER = ".assay-meta";

/**
 * The path, when it names something inside whatever folder it is taken from.
 *
 * @throws {AssayError} `invalid-argument` for a path that is absolute, has empty, `.`, `..` or
 * {@link META_FOLDER} segments, backslashes or control characters; also behind percent-encoding,
 * because something between here and the file may decode it.
 */
export function checkedPath(path: string): string {
  const problem = problemOf(path) ?? problemOf(decoded(path));
  if (problem === undefined) return path;
  throw new AssayError(
    "invalid-argument",
    `Expected an artifact path inside the run's folder, such as "plots/loss.svg", got ${quotable(JSON.stringify(path))}: it ${problem}`,
  );
}

function problemOf(path: string): string | undefined {
  const segments = path.split("/");
  if (path === "") return "is empty";
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path)) return "is absolute";
  if (path.includes("\\")) return "has a backslash; folders are separated by /";
  if (/\p{Cc}/u.test(path)) return "has a control character";
  if (!path.isWellFormed()) return "is no valid Unicode";
  if (segments.includes("")) return "has an empty segment";
  if (segments.includes(".") || segments.includes("..")) return "has a . or .. segment";
  if (segments.includes(META_FOLDER)) return `names ${META_FOLDER}, which is the store's own`;
  return undefined;
}

/** Percent-encoding undone as often as it was applied; a "%" that encodes nothing stays. */
function decoded(path: string): string {
  const once = path.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return once === path ? path : decoded(once);
}

/** Whether a path, of whatever system, is in a {@link META_FOLDER}. */
export function isStoresOwn(path: string): boolean {
  return path.split(/[/\\]/).includes(META_FOLDER);
}

/** Orders files and folders by path, by UTF-16 code unit as `sort` does. */
export function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : Number(a.path > b.path);
}
