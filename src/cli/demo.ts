import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { AssayError } from "../core/index.ts";
import { runEvaluations } from "./eval.ts";
import { newCommand, wholeNumber } from "./support/command.ts";
import type { EvalFlags } from "./support/eval-options.ts";
import { type Io, line } from "./support/io.ts";

const EVAL_FILE = new URL("../../datasets/internet-protocols/rag.eval.mjs", import.meta.url);

/** `assay demo`: the shipped LangChain RAG app on the shipped questions, with whatever model there is a key for. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const command = newCommand("demo", "Evaluate a LangChain RAG app on the shipped questions", io)
    .option("--limit <n>", "only the first n questions", wholeNumber)
    .option("--tracking-uri <uri>", "tracking store, e.g. sqlite:///assay.db")
    .option("--json", "print one JSON array instead of tables")
    .parse(argv, { from: "user" });
  const file = fileURLToPath(EVAL_FILE);
  if (!existsSync(file)) throw new AssayError("not-found", `The demo's files are missing: ${file}`);
  const flags = command.opts<EvalFlags>();
  line(io.stderr, banner(io.env));
  return runEvaluations([file], flags, io);
}

function banner(env: Io["env"]): string {
  const found = ["OPENAI_API_KEY", "ANTHROPIC_API_KEY"].find((name) => env[name]);
  const chosen = env.ASSAY_DEMO_MODEL ? "ASSAY_DEMO_MODEL" : found;
  return chosen === undefined
    ? "No OPENAI_API_KEY or ANTHROPIC_API_KEY: answers come from offline:/reader and verdicts from\noffline:/lexical-judge, an offline baseline, not an LLM."
    : `Using the model that ${chosen} stands for.`;
}
