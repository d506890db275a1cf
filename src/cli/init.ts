import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { newCommand } from "./support/command.ts";
import { EXIT } from "./support/exit-codes.ts";
import { type Io, line } from "./support/io.ts";
import { STARTER_FILES } from "./support/starter-files.ts";

/** What evaluates the example on purpose without an LLM. */
const OFFLINE = "--model offline:/reader --judge-model offline:/lexical-judge";

/** `assay init`: an eval file, a dataset and a CI workflow to start from. */
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
  line(io.stdout, "Next, with OPENAI_API_KEY set and npm install openai:");
  line(io.stdout, `  npx assay eval ${file}`);
  line(io.stdout, "or without a key, on baselines that are no LLM:");
  line(io.stdout, `  npx assay eval ${file} ${OFFLINE}`);
  return EXIT.ok;
}
