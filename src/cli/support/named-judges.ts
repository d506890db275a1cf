import { AssayError, type Scorer } from "../../core/index.ts";
import { judgeFromFile } from "../../judges/index.ts";
import { findJudge } from "../../judges/judge-files.ts";

type Settings = { readonly [name: string]: readonly string[] };

/** What `--set name=text` says, each name with all its texts. */
export function judgeSettings(set: readonly string[] = []): Settings {
  const settings: { [name: string]: string[] } = {};
  for (const given of set) {
    const [, name = "", text = ""] = /^([^=]+)=(.*)$/s.exec(given) ?? [];
    if (name === "") {
      throw new AssayError("invalid-argument", `Expected --set name=text, got "${given}".`);
    }
    settings[name] = [...(settings[name] ?? []), text];
  }
  return settings;
}

/**
 * The judges that a command line names, each with those of the settings that it asks for.
 *
 * @throws {AssayError} `invalid-argument` for a setting that none of them asks for.
 */
export function namedJudges(
  names: readonly string[],
  set: readonly string[] | undefined,
  directory: string,
): Scorer[] {
  const given = judgeSettings(set);
  const files = names.map((name) => findJudge(name, directory));
  const wanted = new Set(files.flatMap(({ settings = [] }) => settings));
  const unknown = Object.keys(given).find((name) => !wanted.has(name));
  if (unknown !== undefined) {
    throw new AssayError(
      "invalid-argument",
      `None of the judges has a setting "${unknown}" (--set); they take ${[...wanted].join(", ") || "none"}.`,
    );
  }
  return files.map((file) => {
    const own = Object.entries(given).filter(([name]) => file.settings?.includes(name));
    return judgeFromFile(file, { settings: Object.fromEntries(own) });
  });
}
