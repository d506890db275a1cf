import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const projectRoot = fileURLToPath(new URL("../..", import.meta.url));

/** The folder of reference values that developers of Assay share; it is not part of the project. */
const goldensFolder = join(
  process.env.ASSAY_SHARED ?? join(projectRoot, "..", "shared"),
  "goldens",
);

export const goldensMissing = !existsSync(goldensFolder);

/** Ends the title of every suite that is skipped without the folder. */
export const goldensNote = goldensMissing
  ? "(skipped: no goldens folder at $ASSAY_SHARED or ../shared)"
  : "(shared goldens)";

/** Parsed, or an empty object where the folder is missing, so that suites can still be declared. */
export function readGoldens<T>(name: string): T {
  const text = goldensMissing ? "{}" : readFileSync(join(goldensFolder, name), "utf8");
  return JSON.parse(text) as T;
}
