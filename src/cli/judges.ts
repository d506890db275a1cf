import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type JudgeListing, loadJudgeFile } from "../judges/index.ts";
import { judgeFiles, resolveJudge } from "../judges/judge-files.ts";
import { readJudges } from "../judges/list-judges.ts";
import { collect, keyValue, newCommand, wholeNumber } from "./support/command.ts";
import { EXIT } from "./support/exit-codes.ts";
import { type Io, line } from "./support/io.ts";
import { starterJudge } from "./support/starter-judge.ts";
import { renderTable } from "./support/table.ts";
import { type TestFlags, testJudge } from "./support/test-judge.ts";

interface Flags {
  readonly json?: boolean;
}

/** `assay judges list | show | test | new`. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const command = newCommand("judges", "Judges: those of the project and the built-in ones", io);
  let code: number = EXIT.ok;
  command
    .command("list")
    .description("names, versions and what each needs")
    .option("--json", "print JSON")
    .action((flags: Flags) => {
      code = list(flags.json === true, io);
    });
  command
    .command("show")
    .description("a judge with its rubric and prompt")
    .argument("<judge>", "its name, name@v1, or the path of its file")
    .option("--json", "print JSON")
    .action((name: string, flags: Flags) => show(name, flags.json === true, io));
  command
    .command("test")
    .description("ask a judge about its own examples, each held back from it, or about rows")
    .argument("<judge>", "its name, name@v1, or the path of its file")
    .option("--data <file>", "rows to judge instead of the examples")
    .option("--predictions <column>", "column with the answers that are judged; outputs by default")
    .option("--targets <column>", "column with the expected answer")
    .option("--map <name=column>", "where the data has what; repeatable", keyValue)
    .option("--limit <n>", "only the first n rows", wholeNumber)
    .option("--model <uri>", "the judge's model; default ASSAY_JUDGE_MODEL")
    .option("--set <name=text>", "a setting of the judge, e.g. guidelines=…; repeatable", collect)
    .option("--prompt", "print what would be asked, and ask nothing")
    .option("--env-file <file>", "read variables from a file")
    .option("--json", "print JSON")
    .action(async (name: string, flags: TestFlags) => {
      code = await testJudge(name, flags, io);
    });
  command
    .command("new")
    .description("write judges/<name>.v1.yaml, or the next version of a judge that is there")
    .argument("<name>", "snake_case")
    .action((name: string) => write(name, io));
  await command.parseAsync(argv, { from: "user" });
  return code;
}

/** Lists what there is; a file that is broken is told apart, and makes the exit code that of a wrong configuration. */
function list(json: boolean, io: Io): number {
  let code: number = EXIT.ok;
  const judges = readJudges(io.cwd, ({ message }) => {
    line(io.stderr, `error: ${message}`);
    code = EXIT.usage;
  });
  if (json) line(io.stdout, JSON.stringify(judges, null, 2));
  else printTable(judges, io);
  return code;
}

function printTable(judges: readonly JudgeListing[], io: Io): void {
  const cells = judges.map(({ name, version, inputs, optional, settings, description, path }) => [
    name,
    version,
    [...inputs, ...optional.map((input) => `[${input}]`), ...(settings ?? [])].join(" "),
    path === undefined ? "" : `judges/${basename(path)}`,
    description,
  ]);
  const columns = [
    { title: "judge" },
    { title: "version" },
    { title: "needs [uses]" },
    { title: "file" },
    { title: "what it asks", flexible: true },
  ];
  for (const row of renderTable(columns, cells, io.stdout.columns)) line(io.stdout, row);
}

function show(name: string, json: boolean, io: Io): void {
  const path = resolveJudge(name, io.cwd);
  if (json) line(io.stdout, JSON.stringify(loadJudgeFile(path), null, 2));
  else io.stdout.write(readFileSync(path, "utf8"));
}

function write(name: string, io: Io): void {
  const versions = judgeFiles(io.cwd).get(name) ?? [];
  const { file, text } = starterJudge(name, versions);
  const path = join(io.cwd, "judges", file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { flag: "wx" });
  line(io.stdout, `wrote judges/${file}`);
  line(io.stdout, `Next: npx assay judges test ${name} --model openai:/gpt-4o-mini`);
}
