import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { AssayError } from "../../core/index.ts";
import { loadDefault } from "./load-module.ts";

const Config = z.strictObject({
  trackingUri: z.string().optional(),
  experiment: z.string().optional(),
  judgeModel: z.string().optional(),
  gates: z.array(z.string()).optional(),
  concurrency: z.number().int().min(1).optional(),
  rpm: z.number().positive().optional(),
  tpm: z.number().positive().optional(),
  prices: z
    .record(
      z.string(),
      z.strictObject({
        input: z.number().nonnegative(),
        output: z.number().nonnegative(),
        cacheRead: z.number().nonnegative().optional(),
      }),
    )
    .optional(),
  redact: z.enum(["secrets", "off"]).optional(),
});

/** Defaults of a project, from `assay.config.{ts,js,mjs,json}` in its folder. */
export type Config = z.infer<typeof Config>;

const NAMES = ["assay.config.ts", "assay.config.js", "assay.config.mjs", "assay.config.json"];

/** @throws {AssayError} `invalid-argument` naming the file and the setting that cannot be used. */
export async function loadConfig(folder: string): Promise<Config> {
  const name = NAMES.find((candidate) => existsSync(join(folder, candidate)));
  if (name === undefined) return {};
  const file = join(folder, name);
  const parsed = Config.safeParse(
    name.endsWith(".json") ? await readJson(file, name) : await loadDefault(file, name),
  );
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.join(".") || "the configuration";
  throw new AssayError("invalid-argument", `${name}: ${where}: ${issue?.message}`);
}

/** The model of judges that name none: a flag before the environment before what was written down. */
export function judgeModelFrom(
  flag: string | undefined,
  env: { readonly [name: string]: string | undefined },
  written: string | undefined,
): string | undefined {
  return flag ?? (env.ASSAY_JUDGE_MODEL || undefined) ?? written;
}

async function readJson(file: string, name: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw new AssayError("invalid-argument", `${name} is not JSON`, { cause });
  }
}
