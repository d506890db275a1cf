import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { newCommand } from "./support/command.ts";
import { EXIT } from "./support/exit-codes.ts";
import { type Io, line } from "./support/io.ts";
import { STARTER_FILES } from "./support/starter-files.ts";

/** `assay init`: an eval file, a dataset and a CI workflow that run as they are. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const command = newCommand("init", "Write an eval file, a dataset and a CI workflow", io)
    .argument("[folder]", "where to write them", ".")
    .parse(argv, { from: "user" });
  const folder = resolve(io.cwd, command.processedArgs[0] as string);
  for (const [path, content] of Object.entries(STARTER_FILES)) {
    const file = resolve(folder, path);
    if (existsSync(file)) {
      line(io.stdout, `kept     ${path} (it exists)`);
      continue;
    }
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    line(io.stdout, `wrote    ${path}`);
  }
  line(io.stdout);
  const file = join(command.processedArgs[0] as string, "evals/capitals.eval.mjs");
  line(io.stdout, `Next: npx assay eval ${file}`);
  return EXIT.ok;
}
