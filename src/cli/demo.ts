import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { AssayError } from "../core/index.ts";
import { runEvaluations } from "./eval.ts";
import { PACKAGE_FOLDER } from "./installation.ts";
import { newCommand, wholeNumber } from "./support/command.ts";
import type { EvalFlags } from "./support/eval-options.ts";
import { type Io, line } from "./support/io.ts";

const EVAL_FILE = new URL("datasets/internet-protocols/rag.eval.mjs", PACKAGE_FOLDER);

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
  try {
    return await runEvaluations([file], flags, io);
  } catch (error) {
    throw missingLangChain(error) ?? error;
  }
}

/** The demo is a LangChain app; who installed Assay alone learns what else it takes. */
function missingLangChain(error: unknown): AssayError | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  const isMissing =
    cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND";
  if (!isMissing || !cause.message.includes("@langchain/")) return undefined;
  return new AssayError(
    "configuration",
    "The demo is a LangChain app and LangChain is not installed. Run: npm install @langchain/core @langchain/textsplitters @langchain/openai @langchain/anthropic",
    { cause },
  );
}

function banner(env: Io["env"]): string {
  const found = ["OPENAI_API_KEY", "ANTHROPIC_API_KEY"].find((name) => env[name]);
  const chosen = env.ASSAY_DEMO_MODEL ? "ASSAY_DEMO_MODEL" : found;
  return chosen === undefined
    ? "No OPENAI_API_KEY or ANTHROPIC_API_KEY: answers come from offline:/reader and verdicts from\noffline:/lexical-judge, an offline baseline, not an LLM."
    : `Using the model that ${chosen} stands for.`;
}
