// Joins the compiled modules into one file per entry of package.json and chunks that they share: five hundred
// small files are three times as slow to import. Declarations stay as the compiler writes them.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { rolldown } from "rolldown";

/** Packages that go into the chunks; all others stay imports, of one copy with the user's. */
const INCLUDED = ["kysely", "yaml"];

/** Of these packages, and of those that `freezeTables` takes data of. */
const LICENSES = {
  kysely: "kysely/LICENSE",
  yaml: "yaml/LICENSE",
  "gpt-tokenizer": "gpt-tokenizer/LICENSE",
  hyphen: "hyphen/LICENSE",
  "cmu-pronouncing-dictionary": "cmu-pronouncing-dictionary/license",
};

/** Entries for the benchmarks, which package.json does not export. */
const INTERNAL = ["tracing/index.js"];

/**
 * @param compiled - Folder of the compiled modules.
 * @param dist - Folder to make.
 */
export async function bundle(compiled, dist) {
  const bundle = await rolldown({
    input: Object.fromEntries(
      entries().map((file) => [file.replace(/\.js$/, ""), resolve(compiled, file)]),
    ),
    platform: "node",
    external: (id) => !/^[./]/.test(id) && !INCLUDED.includes(id),
    // Which chunk a name leads to is decided by the file alone; a warning is a mistake in it.
    onLog: (_level, { message }) => {
      throw new Error(message);
    },
  });
  await bundle.write({ dir: dist, format: "esm", chunkFileNames: "chunks/[name]-[hash].js" });
  for (const file of declarations(compiled)) {
    mkdirSync(join(dist, dirname(file)), { recursive: true });
    copyFileSync(join(compiled, file), join(dist, file));
  }
  writeFileSync(join(dist, "chunks/NOTICE.txt"), notice());
}

/** Relative to dist/. */
function entries() {
  const { bin, exports } = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  );
  const files = [...Object.values(exports), ...Object.values(bin)]
    .map((entry) => entry.default ?? entry)
    .filter((file) => file.endsWith(".js"));
  return [...files.map((file) => relative("dist", file)), ...INTERNAL];
}

/** Those that a user's compiler reads, relative to the folder: what the entries lead to. */
function declarations(compiled) {
  const found = new Set();
  const visit = (file) => {
    if (found.has(file)) return;
    found.add(file);
    const source = readFileSync(join(compiled, file), "utf8");
    for (const [, path] of source.matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)) {
      visit(join(dirname(file), path.replace(/\.[jt]s$/, ".d.ts")));
    }
  };
  for (const entry of entries()) visit(entry.replace(/\.js$/, ".d.ts"));
  return found;
}

/** The licences of what others made and these files hold. */
function notice() {
  const parts = [readFileSync(new URL("table-notices.txt", import.meta.url), "utf8")];
  for (const [name, path] of Object.entries(LICENSES)) {
    const text = readFileSync(new URL(`../node_modules/${path}`, import.meta.url), "utf8");
    parts.push(`${name} (npm)\n\n${text.trim()}\n`);
  }
  return parts.join("\n----------------------------------------\n\n");
}
