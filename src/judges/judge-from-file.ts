import { AssayError, type Scorer, type ScorerInput, withoutAbsent } from "../core/index.ts";
import type { ChatParameters } from "../models/index.ts";
import { checkExamples, checkName, examplesText, type WorkedExample } from "./checks.ts";
import { type CommonJudgeOptions, commonSpec } from "./common-options.ts";
import { createJudge } from "./create-judge.ts";
import type { JudgeFile } from "./judge-file.ts";
import { findJudge } from "./judge-files.ts";
import type { Slot } from "./judge-spec.ts";
import { COMMON_OPTIONS, checkJudgeOptions, type OptionNames } from "./option-names.ts";
import { DEFAULT_AGAINST, otherAnswer } from "./other-answer.ts";
import { type Procedure, WHOLE_ROW } from "./procedure.ts";
import { perClaim } from "./procedures/claims.ts";
import { PER_DOCUMENT } from "./procedures/documents.ts";
import { comparePair } from "./procedures/pair.ts";
import { PER_RETRIEVER } from "./procedures/retrievers.ts";
import { perTurn } from "./procedures/turns.ts";
import { unlessEqual } from "./procedures/when-equal.ts";
import {
  absenceOf,
  namedExpectations,
  type RowVariable,
  referenceText,
  rowText,
} from "./row-texts.ts";
import { fillConstants, parseTemplate } from "./template.ts";
import { labelShape, scaleShape, type VerdictShape, verdictKey } from "./verdict-shape.ts";

export interface JudgeFileOptions extends CommonJudgeOptions {
  /** Another name for its metrics, so that an evaluation can use a judge twice. */
  readonly name?: string;
  /** What the file asks for under `settings`, such as `{ guidelines: ["Answer in English."] }`. */
  readonly settings?: { readonly [name: string]: string | readonly string[] };
  /** Of a pairwise judge: the column with the other answer. Default `baseline_outputs`. */
  readonly against?: string;
}

const OPTIONS: OptionNames<JudgeFileOptions> = {
  name: true,
  settings: true,
  against: true,
  ...COMMON_OPTIONS,
};

/**
 * The judge of a file: one of the project's folder `judges` or a built-in one by its name, `relevance` or
 * `relevance@v1`, or any by its path.
 *
 * @param options.directory - Of the project; default: the working folder.
 * @throws {AssayError} `not-found` without such a judge; `invalid-argument` for a file or option that cannot be.
 */
export function loadJudge(
  nameOrPath: string,
  options: JudgeFileOptions & { readonly directory?: string } = {},
): Scorer {
  const { directory = process.cwd(), ...others } = options;
  return judgeFromFile(findJudge(nameOrPath, directory), others);
}

/** A judge from a checked file. */
export function judgeFromFile(file: JudgeFile, options: JudgeFileOptions = {}): Scorer {
  checkJudgeOptions(`The judge ${file.name}`, options, OPTIONS);
  const { name = file.name, samples = file.samples, scoring = file.scoring } = options;
  checkName(name);
  const shape = shapeOf(file);
  const examples = (file.examples ?? []).map(toWorked);
  checkExamples(name, examples, shape);
  const constants = {
    ...settingsOf(file, options),
    rubric: Object.entries(file.rubric ?? {})
      .map(([level, says]) => `${level}: ${says}`)
      .join("\n"),
    examples: examplesText(examples, verdictKey(shape)),
  };
  const template = fillConstants(parseTemplate(file.prompt.trim()), constants);
  const procedure = procedureOf(file, shape, constants, options);
  const { model, aggregations } = file;
  return createJudge({
    ...(model !== undefined && { model }),
    ...(aggregations !== undefined && { aggregations }),
    ...commonSpec(withoutAbsent({ ...options, samples, scoring })),
    ...parametersOf(file, options),
    name,
    version: `v${file.version}`,
    greaterIsBetter: file.greater_is_better ?? true,
    shape,
    examples,
    template,
    slots: new Map([
      ...file.inputs.map((variable) => [variable, slot(file, variable, true)] as const),
      ...(file.optional ?? []).map((variable) => [variable, slot(file, variable, false)] as const),
    ]),
    ...(procedure !== undefined && { procedure }),
  });
}

function shapeOf({ scale, verdicts, rubric = {} }: JudgeFile): VerdictShape {
  if (scale === undefined) return labelShape(verdicts ?? {});
  const [low, high] = scale;
  const levels = Object.keys(rubric).map(Number);
  // A rubric with a sentence for every whole number asks for whole numbers.
  const integers =
    Number.isInteger(low) && levels.length === high - low + 1 && levels.every(Number.isInteger);
  return scaleShape(scale, integers);
}

function slot(file: JudgeFile, variable: RowVariable, needed: boolean): Slot {
  const { name, expects } = file;
  const read = (sample: ScorerInput) => {
    // The texts of a pair are shown under other names.
    if (file.over === "pair" && variable === "outputs") return "";
    if (variable !== "expectations") return rowText(sample, variable);
    return expects === undefined ? referenceText(sample) : namedExpectations(sample, expects);
  };
  if (!needed) return { read };
  const isNamed = variable === "expectations" && expects !== undefined;
  const absent = () =>
    isNamed
      ? `Judge "${name}" needs expectations of the row, but it has none of ${expects.join(", ")}; add it.`
      : absenceOf(variable, name);
  return { read, absent };
}

function procedureOf(
  file: JudgeFile,
  shape: VerdictShape,
  constants: { readonly [name: string]: string },
  options: JudgeFileOptions,
): Procedure | undefined {
  const base = overOf(file, constants, options);
  const { when_equal: label } = file;
  if (label === undefined) return base;
  const value = shape.kind === "labels" ? shape.values.get(label) : Number(label);
  return unlessEqual(Number(value), base ?? WHOLE_ROW);
}

function overOf(
  file: JudgeFile,
  constants: { readonly [name: string]: string },
  { against = DEFAULT_AGAINST }: JudgeFileOptions,
): Procedure | undefined {
  switch (file.over) {
    case undefined:
      return undefined;
    case "retrievers":
      return PER_RETRIEVER;
    case "documents":
      return PER_DOCUMENT;
    case "turns":
      return perTurn(file.greater_is_better ?? true);
    case "claims":
      return perClaim(fillConstants(parseTemplate((file.claims ?? "").trim()), constants));
    case "pair":
      return comparePair({
        answer: (sample) => rowText(sample, "outputs") ?? "",
        against,
        other: (sample) => otherAnswer(sample, file.name, against),
      });
  }
}

/** @throws {AssayError} `invalid-argument` for a setting that is missing, or that the file does not ask for. */
function settingsOf(
  { name, settings: wanted = [] }: JudgeFile,
  { settings = {} }: JudgeFileOptions,
): { [name: string]: string } {
  const unknown = Object.keys(settings).find((given) => !wanted.includes(given));
  if (unknown !== undefined) {
    throw new AssayError(
      "invalid-argument",
      `Judge "${name}" has no setting "${unknown}"; it takes ${wanted.join(", ") || "none"}.`,
    );
  }
  return Object.fromEntries(
    wanted.map((setting) => {
      const texts = [settings[setting] ?? []].flat().filter((text) => text.trim() !== "");
      if (texts.length > 0) {
        return [
          setting,
          texts.length === 1 ? (texts[0] ?? "") : texts.map((t) => `- ${t}`).join("\n"),
        ];
      }
      throw new AssayError(
        "invalid-argument",
        `Judge "${name}" needs \`settings: { ${setting} }\`, a text or several.`,
      );
    }),
  );
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

/** Several samples at temperature 0 would be one: then what the file says of it does not hold. */
function parametersOf(
  { parameters, samples: own }: JudgeFile,
  { parameters: given, samples = own ?? 1 }: JudgeFileOptions,
): { readonly parameters?: ChatParameters } {
  if (given !== undefined) return { parameters: given };
  if (parameters === undefined) return {};
  const { temperature, top_p, max_tokens, seed } = parameters;
  return {
    parameters: withoutAbsent<ChatParameters>({
      temperature: samples > 1 && temperature === 0 ? 1 : temperature,
      topP: top_p,
      maxTokens: max_tokens,
      seed,
      stop: undefined,
    }),
  };
}
