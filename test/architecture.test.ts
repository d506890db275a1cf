import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const SRC = fileURLToPath(new URL("../src/", import.meta.url));

/** Which folders of src/ a folder may import from; "ports" means the interfaces alone. */
const ALLOWED: { readonly [folder: string]: readonly string[] } = {
  core: [],
  stats: ["core"],
  otlp: ["core"],
  models: ["core"],
  metrics: ["core", "stats"],
  judges: ["core", "models", "stats"],
  store: ["core", "otlp"],
  datasets: ["core", "store/ports"],
  tracing: ["core", "otlp", "store/ports"],
  tracking: ["core", "store", "tracing", "datasets"],
  gates: ["core", "stats"],
  evaluate: [
    "core",
    "stats",
    "datasets",
    "models",
    "metrics",
    "gates",
    "otlp",
    "tracing",
    "tracking",
    "store",
  ],
  cli: ["*"],
  entries: ["*"],
  testing: ["*"],
  vitest: ["*"],
};

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => ({ name, text: readFileSync(join(SRC, name), "utf8") }));

function importsOf({ name, text }: { name: string; text: string }): string[] {
  return [...text.matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)].map(([, path]) =>
    relative(SRC, resolve(SRC, dirname(name), path as string)),
  );
}

const isUnder = (path: string, allowed: string) =>
  allowed === "*" || path === `${allowed}.ts` || path.startsWith(`${allowed}/`);

test("the walker sees the whole source tree", () => {
  expect(files.length).toBeGreaterThan(100);
  expect(files.flatMap(importsOf).length).toBeGreaterThan(300);
});

test("every folder of src imports only from the folders it may know", () => {
  const violations = files.flatMap((file) => {
    const folder = file.name.split("/")[0] as string;
    // The root entry may name anything.
    if (folder === "index.ts") return [];
    const allowed = [folder, ...(ALLOWED[folder] ?? [])];
    return importsOf(file)
      .filter((path) => !allowed.some((other) => isUnder(path, other)))
      .map((path) => `${file.name} → ${path}`);
  });
  expect(violations).toEqual([]);
});

test("core uses no Node built-in but node:crypto, in digest.ts", () => {
  const uses = files
    .filter(({ name }) => name.startsWith("core/"))
    .flatMap(({ name, text }) =>
      [...text.matchAll(/from "(node:[^"]+)"/g)].map(([, module]) => `${name}: ${module}`),
    );
  expect(uses).toEqual(["core/digest.ts: node:crypto"]);
});

test("stats is safe for browsers: it uses no Node built-in and no package", () => {
  const outside = files
    .filter(({ name }) => name.startsWith("stats/"))
    .flatMap(({ text }) => [...text.matchAll(/from "([^."][^"]*)"/g)].map(([, module]) => module));
  expect(outside).toEqual([]);
});

test("no source file exceeds 500 lines, and half of them stay below 100", () => {
  const lengths = files.map(({ name, text }) => ({ name, lines: text.split("\n").length - 1 }));
  expect(lengths.filter(({ lines }) => lines > 500)).toEqual([]);
  const sorted = lengths.map(({ lines }) => lines).sort((a, b) => a - b);
  expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(100);
});
