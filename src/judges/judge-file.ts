import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { AGGREGATION_NAMES, AssayError } from "../core/index.ts";
import { ROW_VARIABLES } from "./row-texts.ts";
import { parseTemplate, variablesOf } from "./template.ts";

/** Placeholders that are filled when the file is read, not per row. */
const CONSTANTS = ["rubric", "examples"];
/** What a row is taken apart into, and the placeholders that each part is shown by. */
const OVER = {
  retrievers: ["context"],
  documents: ["context"],
  turns: ["conversation"],
  claims: ["claim"],
  pair: ["first", "second"],
} as const;
/** Placeholders for which `inputs` need not name anything: the procedure makes their texts. */
const MADE: readonly string[] = ["claim", "first", "second"];

const variable = z.enum(ROW_VARIABLES);
const sentence = z.string().min(1);

/** A judge as data. The prompt places `{{ rubric }}`, `{{ examples }}` and the texts of the row. */
export const judgeFileSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/)
    .describe("snake_case; the first part of the metric key"),
  version: z.int().min(1).describe("a published version never changes"),
  description: sentence.optional().describe("what it asks, in a sentence"),
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
  expects: z
    .array(sentence)
    .min(1)
    .optional()
    .describe("the expectations it sees; default expected_response, else expected_facts"),
  settings: z
    .array(z.string().regex(/^[a-z][a-z_]*$/))
    .optional()
    .describe("texts that whoever uses the judge has to give, e.g. guidelines"),
  over: z
    .enum(Object.keys(OVER) as (keyof typeof OVER)[])
    .optional()
    .describe(
      "judges each part of a row: retrievers (and all of them together, which is the verdict), documents (their share), turns (the worst), claims (their share), or the pair of the answer and another one, in both orders",
    ),
  claims: sentence.optional().describe("over claims: the prompt that lists them"),
  when_equal: sentence
    .optional()
    .describe("the verdict, without asking, where the answer equals the expected one"),
  rubric: z.record(z.string(), sentence).optional().describe("one sentence per level or label"),
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
  scoring: z.enum(["single", "logprobs"]).optional().describe("default single"),
  samples: z.int().min(1).optional().describe("votes per verdict; default 1"),
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
    const unknown = issue?.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
    const field = [...(issue?.path ?? []), ...unknown].join(".");
    const problem = unknown.length === 0 ? (issue?.message ?? "invalid") : "there is no such field";
    throw wrong(file, field, problem);
  }
  checkWhole(parsed.data, file);
  return parsed.data;
}

/** What no field can say alone. */
function checkWhole(judge: JudgeFile, file: string): void {
  if ((judge.scale === undefined) === (judge.verdicts === undefined)) {
    throw wrong(file, "scale", "expected either scale or verdicts");
  }
  const made: readonly string[] = judge.over === undefined ? [] : OVER[judge.over];
  const settings = judge.settings ?? [];
  const seen = [...judge.inputs, ...(judge.optional ?? [])] as string[];
  const prompts = `${judge.prompt}\n${judge.claims ?? ""}`;
  const used = variablesOf(parseTemplate(prompts));
  const known = [...seen, ...CONSTANTS, ...settings, ...made.filter((name) => MADE.includes(name))];
  const unknown = used.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw wrong(file, "prompt", `{{ ${unknown} }} is neither among inputs nor optional`);
  }
  // Of a pair, the answer is one of the two.
  const needed = seen.filter((name) => judge.over !== "pair" || name !== "outputs");
  const constants = [
    ...(judge.rubric === undefined ? [] : ["rubric"]),
    ...(judge.examples?.length ? ["examples"] : []),
  ];
  const unused = [...needed, ...constants, ...settings, ...made].find(
    (name) => !used.includes(name),
  );
  if (unused !== undefined) throw wrong(file, "prompt", `expected it to place {{ ${unused} }}`);
  if ((judge.over === "claims") !== (judge.claims !== undefined)) {
    throw wrong(file, "claims", "expected it together with over: claims");
  }
  const menu =
    judge.verdicts === undefined ? judge.scale?.map(String) : Object.keys(judge.verdicts);
  if (judge.when_equal !== undefined && !menu?.includes(judge.when_equal)) {
    throw wrong(file, "when_equal", "expected one of the verdicts");
  }
}

function wrong(file: string, field: string, problem: string): AssayError {
  return new AssayError(
    "invalid-argument",
    `${file}: ${field === "" ? "" : `field "${field}": `}${problem.replace(/\s+/g, " ")}.`,
  );
}
