import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Builds the library when a source is newer than it: the CLI and eval files use the built package. */
export default function setup(): void {
  const built = statSync(join(ROOT, "dist/cli/bin.js"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const newest = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
    .map((name) => statSync(join(ROOT, "src", name)).mtimeMs)
    .reduce((latest, time) => Math.max(latest, time), 0);
  if (newest <= built) return;
  try {
    execFileSync(process.execPath, [".ci/build.mjs"], { cwd: ROOT, stdio: "inherit" });
  } catch {
    // A type error has been printed, and the code is emitted all the same: it need not stop every test.
    process.stderr.write("the build has type errors; npm run typecheck fails as well\n");
  }
}
