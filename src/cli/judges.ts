import { readFileSync } from "node:fs";
import { AssayError } from "../core/index.ts";
import { listJudges, loadJudgeFile } from "../judges/index.ts";
import { builtinFiles } from "../judges/judge-file.ts";
import { newCommand } from "./support/command.ts";
import { EXIT } from "./support/exit-codes.ts";
import { type Io, line } from "./support/io.ts";
import { renderTable } from "./support/table.ts";

/** `assay judges list | show`. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const command = newCommand("judges", "The built-in judges", io);
  command
    .command("list")
    .description("names, versions and what each needs")
    .option("--json", "print JSON")
    .action((flags: { json?: boolean }) => list(flags.json === true, io));
  command
    .command("show")
    .description("a judge with its rubric and prompt")
    .argument("<name>")
    .option("--json", "print JSON")
    .action((name: string, flags: { json?: boolean }) => show(name, flags.json === true, io));
  await command.parseAsync(argv, { from: "user" });
  return EXIT.ok;
}

function list(json: boolean, io: Io): void {
  const judges = listJudges();
  if (json) {
    line(io.stdout, JSON.stringify(judges, null, 2));
    return;
  }
  const cells = judges.map(({ name, version, inputs, optional, description }) => [
    name,
    version,
    [...inputs, ...optional.map((input) => `[${input}]`)].join(" "),
    description,
  ]);
  const columns = [
    { title: "judge" },
    { title: "version" },
    { title: "needs [uses]" },
    { title: "what it asks", flexible: true },
  ];
  for (const row of renderTable(columns, cells, io.stdout.columns)) line(io.stdout, row);
}

function show(name: string, json: boolean, io: Io): void {
  const newest = builtinFiles().get(name)?.at(-1);
  if (newest === undefined) {
    const known = [...builtinFiles().keys()].join(", ");
    throw new AssayError("not-found", `No built-in judge "${name}"; there are ${known}`);
  }
  if (json) line(io.stdout, JSON.stringify(loadJudgeFile(newest.path), null, 2));
  else io.stdout.write(readFileSync(newest.path, "utf8"));
}
