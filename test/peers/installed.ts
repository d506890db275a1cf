import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

/** A version of a package in a folder of its own. */
export interface Installed {
  /** Of the project that has it. */
  readonly folder: string;
  readonly version: string;
  /** Path of the ES module. */
  readonly entry: string;
}

/** Installs a package into a new folder; `undefined` where the registry cannot be reached. */
export async function install(
  parent: string,
  packageName: string,
  wanted: string,
): Promise<Installed | undefined> {
  const folder = join(parent, `${packageName}-${wanted}`.replaceAll(/[^a-z0-9.-]/g, "-"));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true }');
  const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts"];
  try {
    await promisify(execFile)("npm", [...args, `${packageName}@${wanted}`], { cwd: folder });
  } catch (error) {
    const { stderr = "" } = error as { stderr?: string };
    if (
      /\b(?:ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|E403|ENETUNREACH)\b/.test(stderr)
    ) {
      return undefined;
    }
    throw error;
  }
  const root = join(folder, "node_modules", packageName);
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    version: string;
  };
  return { folder, version, entry: join(root, "index.mjs") };
}
