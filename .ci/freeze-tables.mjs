// Puts the data of development packages into dist/, so that who installs Assay does not install them:
// gpt-tokenizer, hyphen and the dictionary weigh 45 MB, what is used of them 2.5 MB.
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const TABLES = ["cl100k-ranks", "hyphenation-patterns", "syllable-counts"];

/** Replaces each module of metrics/tables by one that holds its exports as JSON. */
export async function freezeTables(dist) {
  const folder = resolve(dist, "metrics/tables");
  for (const table of TABLES) {
    const file = `${folder}/${table}.js`;
    const exported = await import(pathToFileURL(file).href);
    const lines = Object.entries(exported).map(
      // A string that JSON.parse reads is loaded faster than the literal that it describes.
      ([name, value]) => `export const ${name} = JSON.parse(${JSON.stringify(JSON.stringify(value))});\n`,
    );
    writeFileSync(file, `// Third-party data; see NOTICE.txt beside this.\n${lines.join("")}`);
  }
}
