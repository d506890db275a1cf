// Compiles src/ to dist/ and lets `npx assay` in this checkout run it.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, symlinkSync } from "node:fs";

rmSync("dist", { recursive: true, force: true });
// One string, because npm's bin folder is on the PATH of a shell alone on Windows.
const { status } = spawnSync("tsc -p tsconfig.build.json", { stdio: "inherit", shell: true });
if (status !== 0) process.exit(status ?? 1);
chmodSync("dist/cli/bin.js", 0o755);

// npm links the commands of dependencies, not those of the package itself.
const link = "node_modules/.bin/assay";
mkdirSync("node_modules/.bin", { recursive: true });
rmSync(link, { force: true });
if (process.platform !== "win32") symlinkSync("../../dist/cli/bin.js", link);
