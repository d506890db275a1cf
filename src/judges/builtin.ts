import { type Aggregation, AssayError, type Scorer, withoutAbsent } from "../core/index.ts";
import type { ChatModel, ChatParameters } from "../models/index.ts";
import { checkExamples, examplesText, type WorkedExample } from "./checks.ts";
import { createJudge, DEFAULT_PARAMETERS, type Slot } from "./create-judge.ts";
import { builtinFiles, type JudgeFile, loadJudgeFile } from "./judge-file.ts";
import { absenceOf, type RowVariable, referenceText, rowText } from "./row-texts.ts";
import { fillConstants, parseTemplate } from "./template.ts";
import { labelShape, scaleShape, type VerdictShape, verdictKey } from "./verdict-shape.ts";

export interface BuiltinJudgeOptions {
  /** A URI or a model object; default: the evaluation's judge model, else `ASSAY_JUDGE_MODEL`. */
  readonly model?: string | ChatModel;
  /** `v1`, `v2` …; default: the newest. */
  readonly version?: string;
  /** Replaces those of the judge file as a whole. */
  readonly parameters?: ChatParameters;
  /** Replaces those of the judge file. */
  readonly aggregations?: readonly Aggregation[];
}

/** A built-in judge, as listed to people. */
export interface JudgeListing {
  readonly name: string;
  /** `v1`, `v2` … */
  readonly version: string;
  readonly description: string;
  readonly inputs: readonly string[];
  readonly optional: readonly string[];
  readonly scale?: readonly [low: number, high: number];
  readonly verdicts?: { readonly [label: string]: number };
}

/** How well the answer addresses the question: 1 to 5. Needs inputs and outputs; sees context where there is one. */
export function relevance(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("relevance", options);
}

/** How far the answer is supported by its context: 1 to 5. Needs outputs and context; sees inputs where there are any. */
export function faithfulness(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("faithfulness", options);
}

/** How far the answer says what was expected: 1 to 5. Needs inputs, outputs and `expected_response`. */
export function correctness(options?: BuiltinJudgeOptions): Scorer {
  return builtinJudge("correctness", options);
}

/** @throws {AssayError} `not-found` for a name or version that is not built in. */
export function builtinJudge(name: string, options: BuiltinJudgeOptions = {}): Scorer {
  const files = builtinFiles();
  const versions = files.get(name);
  if (versions === undefined) {
    throw new AssayError(
      "not-found",
      `No built-in judge "${name}"; there are ${[...files.keys()].join(", ")}.`,
    );
  }
  const file =
    options.version === undefined
      ? versions.at(-1)
      : versions.find(({ version }) => `v${version}` === options.version);
  if (file === undefined) {
    const known = versions.map(({ version }) => `v${version}`).join(", ");
    throw new AssayError(
      "not-found",
      `Judge "${name}" has no version "${options.version}"; there are ${known}.`,
    );
  }
  return judgeFromFile(loadJudgeFile(file.path), options);
}

/** Every version of every built-in judge, by name. */
export function listJudges(): JudgeListing[] {
  const files = [...builtinFiles().values()].flat().map(({ path }) => loadJudgeFile(path));
  return files.map(({ name, version, description, inputs, optional = [], scale, verdicts }) =>
    withoutAbsent<JudgeListing>({
      name,
      version: `v${version}`,
      description,
      inputs,
      optional,
      scale,
      verdicts,
    }),
  );
}

/** A judge from a checked file; the options' version is not looked at. */
export function judgeFromFile(file: JudgeFile, options: BuiltinJudgeOptions = {}): Scorer {
  const shape = shapeOf(file);
  const examples = (file.examples ?? []).map(toWorked);
  checkExamples(file.name, examples, shape);
  const { model = file.model, aggregations = file.aggregations } = options;
  return createJudge({
    name: file.name,
    version: `v${file.version}`,
    ...(model === undefined ? {} : { model }),
    ...(aggregations === undefined ? {} : { aggregations }),
    parameters: options.parameters ?? parametersOf(file),
    greaterIsBetter: file.greater_is_better ?? true,
    shape,
    examples,
    template: fillConstants(parseTemplate(file.prompt.trim()), {
      rubric: Object.entries(file.rubric)
        .map(([level, says]) => `${level}: ${says}`)
        .join("\n"),
      examples: examplesText(examples, verdictKey(shape)),
    }),
    slots: new Map([
      ...file.inputs.map((variable) => [variable, slot(file.name, variable, true)] as const),
      ...(file.optional ?? []).map(
        (variable) => [variable, slot(file.name, variable, false)] as const,
      ),
    ]),
  });
}

function shapeOf({ scale, verdicts, rubric }: JudgeFile): VerdictShape {
  if (scale === undefined) return labelShape(verdicts ?? {});
  const [low, high] = scale;
  const levels = Object.keys(rubric).map(Number);
  // A rubric with a sentence for every whole number asks for whole numbers.
  const integers =
    Number.isInteger(low) && levels.length === high - low + 1 && levels.every(Number.isInteger);
  return scaleShape(scale, integers);
}

function slot(judge: string, variable: RowVariable, needed: boolean): Slot {
  const read: Slot["read"] =
    variable === "expectations" ? referenceText : (sample) => rowText(sample, variable);
  return needed ? { read, absent: () => absenceOf(variable, judge) } : { read };
}

function toWorked({
  rationale,
  score,
  verdict,
  ...texts
}: NonNullable<JudgeFile["examples"]>[number]): WorkedExample {
  return {
    texts: withoutAbsent(texts) as WorkedExample["texts"],
    verdict: score ?? verdict ?? "",
    rationale,
  };
}

function parametersOf({ parameters }: JudgeFile): ChatParameters {
  if (parameters === undefined) return DEFAULT_PARAMETERS;
  const { temperature, top_p, max_tokens, seed } = parameters;
  return withoutAbsent<ChatParameters>({
    temperature,
    topP: top_p,
    maxTokens: max_tokens,
    seed,
    stop: undefined,
  });
}
