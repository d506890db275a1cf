import { readFileSync } from "node:fs";

/** The recorded values of other tools, one JSON value a line; the first line names the tools. */
export function readParity<T>(name: string): T[] {
  const text = readFileSync(new URL(`../parity/${name}`, import.meta.url), "utf8");
  const [, ...lines] = text.trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as T);
}
