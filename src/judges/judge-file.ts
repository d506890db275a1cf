import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { AGGREGATION_NAMES, AssayError } from "../core/index.ts";
import { ROW_VARIABLES } from "./row-texts.ts";
import { parseTemplate, variablesOf } from "./template.ts";

/** `src/` and `dist/` have the same depth, so this holds for both. */
const DIRECTORY = new URL("../../judges/", import.meta.url);
const FILE_NAME = /^([a-z][a-z0-9_]*)\.v(\d+)\.yaml$/;
/** Placeholders that are filled when the file is read, not per row. */
const CONSTANTS = ["rubric", "examples"];

const variable = z.enum(ROW_VARIABLES);
const sentence = z.string().min(1);

/** A judge as data. The prompt places `{{ rubric }}`, `{{ examples }}` and the texts of the row. */
export const judgeFileSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/)
    .describe("snake_case; the first part of the metric key"),
  version: z.int().min(1).describe("a published version never changes"),
  description: sentence,
  scale: z
    .tuple([z.number(), z.number()])
    .optional()
    .describe("lowest and highest score; or verdicts"),
  verdicts: z
    .record(z.string(), z.number())
    .optional()
    .describe("what each label is worth; or scale"),
  inputs: z.array(variable).min(1).describe("what the judge cannot do without"),
  optional: z.array(variable).optional().describe("what it also sees where the row has it"),
  rubric: z.record(z.string(), sentence).describe("one sentence per level or label"),
  examples: z
    .array(
      z.strictObject({
        inputs: z.string().optional(),
        outputs: z.string().optional(),
        expectations: z.string().optional(),
        context: z.string().optional(),
        conversation: z.string().optional(),
        rationale: sentence,
        score: z.number().optional(),
        verdict: z.string().optional(),
      }),
    )
    .optional(),
  prompt: sentence,
  parameters: z
    .strictObject({
      temperature: z.number().min(0).max(2).optional(),
      top_p: z.number().min(0).max(1).optional(),
      max_tokens: z.int().min(1).optional(),
      seed: z.int().optional(),
    })
    .optional(),
  model: z.string().optional().describe("a model URI; absent: chosen where the judge is used"),
  aggregations: z.array(z.enum(AGGREGATION_NAMES)).min(1).optional(),
  greater_is_better: z.boolean().optional().describe("default true"),
  source: z
    .strictObject({ from: sentence, licence: sentence.describe("SPDX identifier") })
    .optional()
    .describe("where it was adapted from"),
});

export type JudgeFile = z.infer<typeof judgeFileSchema>;

/** The JSON Schema of a judge file, as published in `judges/schema.json`. */
export function judgeFileJsonSchema(): unknown {
  return z.toJSONSchema(judgeFileSchema);
}

/**
 * Reads and checks a judge file.
 *
 * @throws {AssayError} `not-found` without such a file; `invalid-argument` naming file and field.
 */
export function loadJudgeFile(path: string): JudgeFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new AssayError("not-found", `Cannot read the judge file ${path}.`, { cause });
  }
  return parseJudgeFile(text, basename(path));
}

/** @param file - Its name, for messages. */
export function parseJudgeFile(text: string, file: string): JudgeFile {
  let data: unknown;
  try {
    data = parseYaml(text);
  } catch (cause) {
    throw new AssayError(
      "invalid-argument",
      `${file} is not YAML; check its indentation and quotes.`,
      { cause },
    );
  }
  const parsed = judgeFileSchema.safeParse(data);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw wrong(file, issue?.path.join(".") ?? "", issue?.message ?? "invalid");
  }
  checkWhole(parsed.data, file);
  return parsed.data;
}

/** The built-in judges' file names, by judge, highest version last. */
export function builtinFiles(): Map<string, { version: number; path: string }[]> {
  const files = new Map<string, { version: number; path: string }[]>();
  for (const file of readdirSync(DIRECTORY).sort()) {
    const [, name = "", version = ""] = FILE_NAME.exec(file) ?? [];
    if (name === "") continue;
    const known = files.get(name) ?? [];
    known.push({ version: Number(version), path: fileURLToPath(new URL(file, DIRECTORY)) });
    files.set(
      name,
      known.sort((a, b) => a.version - b.version),
    );
  }
  return files;
}

/** What no field can say alone. */
function checkWhole(judge: JudgeFile, file: string): void {
  if ((judge.scale === undefined) === (judge.verdicts === undefined)) {
    throw wrong(file, "scale", "expected either scale or verdicts");
  }
  const seen = [...judge.inputs, ...(judge.optional ?? [])] as string[];
  const used = variablesOf(parseTemplate(judge.prompt));
  const unknown = used.find((name) => !seen.includes(name) && !CONSTANTS.includes(name));
  if (unknown !== undefined) {
    throw wrong(file, "prompt", `{{ ${unknown} }} is neither among inputs nor optional`);
  }
  const unused = [...seen, "rubric"].find((name) => !used.includes(name));
  if (unused !== undefined) throw wrong(file, "prompt", `expected it to place {{ ${unused} }}`);
}

function wrong(file: string, field: string, problem: string): AssayError {
  return new AssayError(
    "invalid-argument",
    `${file}: field "${field}": ${problem.replace(/\s+/g, " ")}.`,
  );
}
