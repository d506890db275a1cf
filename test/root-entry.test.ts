import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ENTRY = new URL("../src/index.ts", import.meta.url).href;

/** Imports the root entry in a process of its own and reports every module file that was loaded. */
function loadedBy(entry: string): string[] {
  const script = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    await import(${JSON.stringify(entry)});
    process.stdout.write(JSON.stringify(loaded));
  `;
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return JSON.parse(output) as string[];
}

test("importing the root entry loads no SDK, driver or server", () => {
  const loaded = loadedBy(ENTRY);
  expect(loaded.length).toBeGreaterThan(30);
  const packages = [
    ...new Set(
      loaded.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []),
    ),
  ];
  expect(packages.sort()).toEqual(["@opentelemetry/api"]);
});
