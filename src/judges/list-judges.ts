import { isAssayError, withoutAbsent } from "../core/index.ts";
import { builtinFiles, type JudgeFileEntry, judgeFiles, loadEntry } from "./judge-files.ts";

/** A judge, as listed to people. */
export interface JudgeListing {
  readonly name: string;
  /** `v1`, `v2` … */
  readonly version: string;
  readonly description: string;
  readonly inputs: readonly string[];
  readonly optional: readonly string[];
  readonly scale?: readonly [low: number, high: number];
  readonly verdicts?: { readonly [label: string]: number };
  /** What whoever uses it has to give. */
  readonly settings?: readonly string[];
  /** The file of a judge of the project; absent for a built-in one. */
  readonly path?: string;
}

/**
 * Every version of every built-in judge, by name.
 *
 * @param directory - Of a project whose own judges are listed as well.
 */
export function listJudges(directory?: string): JudgeListing[] {
  return readJudges(directory, (error) => {
    throw error;
  });
}

/** @param onBroken - Given what is wrong with a file that holds no judge; the others are listed. */
export function readJudges(
  directory: string | undefined,
  onBroken: (error: Error) => void,
): JudgeListing[] {
  const files = directory === undefined ? builtinFiles() : judgeFiles(directory);
  return [...files.values()].flat().flatMap((entry) => {
    try {
      return [listingOf(entry)];
    } catch (error) {
      if (!isAssayError(error)) throw error;
      onBroken(error);
      return [];
    }
  });
}

function listingOf(entry: JudgeFileEntry): JudgeListing {
  const { name, version, description = "", inputs, optional = [], ...file } = loadEntry(entry);
  return withoutAbsent<JudgeListing>({
    name,
    version: `v${version}`,
    description,
    inputs,
    optional,
    scale: file.scale,
    verdicts: file.verdicts,
    settings: file.settings,
    path: entry.isBuiltIn ? undefined : entry.path,
  });
}
