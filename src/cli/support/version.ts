import { readFileSync } from "node:fs";
import { PACKAGE_FOLDER } from "../installation.ts";

/** As `engines` in package.json: native type stripping. */
const OLDEST_NODE = [22, 18] as const;

/** The version of this package. */
export function packageVersion(): string {
  const file = new URL("package.json", PACKAGE_FOLDER);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

/** What to tell a user whose Node.js is too old; `undefined` when it is not. */
export function unsupportedNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return undefined;
  return `Assay needs Node.js ${oldestMajor}.${oldestMinor} or newer, this is ${version}. Install a newer one from https://nodejs.org`;
}
