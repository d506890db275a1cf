// Compiles src/ to dist/ and lets `npx assay` in this checkout run it.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { delimiter } from "node:path";
import { bundle } from "./bundle.mjs";
import { freezeTables } from "./freeze-tables.mjs";

// Built aside and swapped in, so that a command that is running keeps its files until the last moment.
const next = `node_modules/.assay-build-${process.pid}`;
const compiled = `${next}/compiled`;
// One string, because npm's bin folder is on the PATH of a shell alone on Windows.
const { status } = spawnSync(`tsc -p tsconfig.build.json --outDir ${compiled}`, {
  stdio: "inherit",
  shell: true,
  env: { ...process.env, PATH: ["node_modules/.bin", process.env.PATH].join(delimiter) },
});
await freezeTables(compiled);
await bundle(compiled, `${next}/dist`);
chmodSync(`${next}/dist/cli/bin.js`, 0o755);
rmSync("dist", { recursive: true, force: true });
renameSync(`${next}/dist`, "dist");
rmSync(next, { recursive: true });

// npm links the commands of dependencies, not those of the package itself.
const link = "node_modules/.bin/assay";
mkdirSync("node_modules/.bin", { recursive: true });
rmSync(link, { force: true });
if (process.platform !== "win32") symlinkSync("../../dist/cli/bin.js", link);
process.exit(status ?? 1);
