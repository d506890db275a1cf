/** A string, or what opens, closes and parts objects. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/**
 * The first name that stands twice in one object of a JSON text, of which parsing keeps the last: what a merge
 * leaves behind when both sides of a conflict are kept.
 *
 * @param json - Must be valid.
 */
export function duplicateKey(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  let last = "";
  for (const [token] of json.matchAll(TOKEN)) {
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(undefined);
    else if (token === "}" || token === "]") open.pop();
    else if (token === ":") {
      const name = JSON.parse(last) as string;
      const names = open.at(-1);
      if (names?.has(name)) return name;
      names?.add(name);
    } else if (token !== ",") last = token;
  }
  return undefined;
}
