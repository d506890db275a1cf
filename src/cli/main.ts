import { EXIT, reportError } from "./support/exit-codes.ts";
import { type Io, line } from "./support/io.ts";
import { packageVersion } from "./support/version.ts";

interface CommandModule {
  run(argv: readonly string[], io: Io): Promise<number>;
}

/** Every command, with the line that the overview shows. Loaded only when it is called. */
const COMMANDS: {
  readonly [name: string]: readonly [description: string, load: () => Promise<CommandModule>];
} = {
  eval: [
    "evaluate a model or prompt, judge the answers, gate on the result",
    () => import("./eval.ts"),
  ],
  score: ["judge stored traces, each once", () => import("./score.ts")],
  gate: ["the gates of a run, as an exit code", () => import("./gate.ts")],
  runs: ["list, show and delete runs; read their results", () => import("./runs.ts")],
  traces: ["list and show traces", () => import("./traces.ts")],
  compare: ["two runs on the rows that both have", () => import("./compare.ts")],
  merge: ["one run of the shards of an evaluation, and its gates", () => import("./merge.ts")],
  plan: ["how many rows and trials an evaluation needs", () => import("./plan.ts")],
  datasets: [
    "register datasets, add rows, list versions and records",
    () => import("./datasets.ts"),
  ],
  experiments: ["list experiments", () => import("./experiments.ts")],
  export: ["write an experiment to a folder", () => import("./export.ts")],
  import: ["read an experiment from a folder", () => import("./import.ts")],
  gc: ["remove for good what was deleted", () => import("./gc.ts")],
  db: ["show or upgrade the schema of the database", () => import("./db.ts")],
  doctor: ["check the store, keys, packages and this machine", () => import("./doctor.ts")],
  calibrate: ["how far a judge agrees with people", () => import("./calibrate.ts")],
  judges: ["list, show, test and begin judges", () => import("./judges.ts")],
  init: [
    "write an eval file, a dataset and a CI workflow to start from",
    () => import("./init.ts"),
  ],
  demo: ["evaluate a LangChain RAG app on the shipped questions", () => import("./demo.ts")],
};

/** Commands that end in a report, which is missed where there is none. */
const GATED: readonly string[] = ["eval", "gate", "merge", "score"];

/** Runs a command line and resolves to its exit code. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    line(io.stdout, overview());
    return EXIT.ok;
  }
  if (name === "--version" || name === "-V") {
    line(io.stdout, packageVersion());
    return EXIT.ok;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    line(
      io.stderr,
      `error: unknown command "${name}". Commands: ${Object.keys(COMMANDS).join(", ")}`,
    );
    return EXIT.usage;
  }
  try {
    const [, load] = command;
    return await (await load()).run(rest, io);
  } catch (error) {
    const code = reportError(error, io);
    if (code !== EXIT.ok && GATED.includes(name) && io.env.GITHUB_ACTIONS === "true") {
      const { errorToGitHub } = await import("./support/github.ts");
      errorToGitHub(`assay ${name}`, error, io);
    }
    return code;
  }
}

function overview(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  const lines = Object.entries(COMMANDS).map(
    ([name, [text]]) => `  ${name.padEnd(width)}  ${text}`,
  );
  return [
    "assay: LLM evaluation and tracing",
    "",
    "Usage: assay <command> [options]",
    "",
    ...lines,
    "",
    "assay <command> --help shows the options of a command; assay --version the version.",
    "Exit codes: 0 done, 1 gate failed, 2 usage, 3 undecided (--strict), 4 incomplete, 70 defect, 130/143 interrupted.",
  ].join("\n");
}
