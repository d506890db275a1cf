import { AssayError, type Scorer, shown } from "../core/index.ts";
import { checkName, checkText, checkVersion } from "./checks.ts";
import { type CommonJudgeOptions, commonSpec } from "./common-options.ts";
import { createJudge } from "./create-judge.ts";
import type { Slot } from "./judge-spec.ts";
import { COMMON_OPTIONS, checkJudgeOptions, type OptionNames } from "./option-names.ts";
import { absenceOf, ROW_VARIABLES, rowText, rowVariable } from "./row-texts.ts";
import { parseTemplate, variablesOf } from "./template.ts";
import { BOOLEAN_SHAPE, labelShape, scaleShape, type VerdictShape } from "./verdict-shape.ts";

export interface JudgeOptions extends CommonJudgeOptions {
  readonly name: string;
  /**
   * What to judge and how. `{{ inputs }}`, `{{ outputs }}`, `{{ expectations }}`, `{{ context }}`,
   * `{{ trace }}` and `{{ conversation }}` stand for the row's texts; at least one is needed.
   */
  readonly instructions: string;
  /**
   * The type of the verdict; labels are a category to choose from, and `list` is a list of texts, kept as
   * JSON. Default `string`, as in MLflow.
   */
  readonly feedbackValueType?:
    | "boolean"
    | "integer"
    | "number"
    | "string"
    | "list"
    | readonly string[];
  /** Labels and what each is worth, instead of `feedbackValueType`. */
  readonly verdicts?: { readonly [label: string]: number };
  /** Bounds of a numeric verdict; implies `feedbackValueType: "number"` unless it is `"integer"`. */
  readonly scale?: readonly [low: number, high: number];
  /** Puts the version into the metric key; absent, as in MLflow, unless given. */
  readonly version?: string;
  /** Default true. */
  readonly greaterIsBetter?: boolean;
}

const OPTIONS: OptionNames<JudgeOptions> = {
  name: true,
  instructions: true,
  feedbackValueType: true,
  verdicts: true,
  scale: true,
  version: true,
  greaterIsBetter: true,
  ...COMMON_OPTIONS,
};
const VALUE_TYPES = ["boolean", "integer", "number", "string", "list"];

/**
 * A judge from instructions in your own words, as MLflow's `make_judge`.
 *
 * A row that lacks a text which the instructions name is not applicable, with what to add.
 *
 * @throws {AssayError} `invalid-argument` for an option that cannot be.
 */
export function makeJudge(options: JudgeOptions): Scorer {
  checkJudgeOptions("makeJudge", options, OPTIONS);
  const { name, instructions, version } = options;
  checkName(name);
  checkText(name, "instructions", instructions);
  checkVersion(name, version);
  const template = parseTemplate(instructions.trim());
  const variables = variablesOf(template);
  if (variables.length === 0) {
    throw new AssayError(
      "invalid-argument",
      `Judge "${name}": expected \`instructions\` to name what is judged, for example {{ inputs }} and {{ outputs }}.`,
    );
  }
  return createJudge({
    ...commonSpec(options),
    name,
    ...(version === undefined ? {} : { version }),
    greaterIsBetter: options.greaterIsBetter ?? true,
    template,
    slots: new Map(variables.map((written) => [written, rowSlot(name, written)])),
    shape: shapeOf(options),
  });
}

function rowSlot(judge: string, written: string): Slot {
  const variable = rowVariable(written);
  if (variable === undefined) {
    throw new AssayError(
      "invalid-argument",
      `Judge "${judge}": unknown variable {{ ${written} }} in its instructions; use ${ROW_VARIABLES.join(", ")}.`,
    );
  }
  return { read: (sample) => rowText(sample, variable), absent: () => absenceOf(variable, judge) };
}

function checkValueType(name: string, given: unknown): void {
  const isList = Array.isArray(given) && given.every((label) => typeof label === "string");
  if (given === undefined || isList || VALUE_TYPES.includes(given as string)) return;
  throw new AssayError(
    "invalid-argument",
    `Judge "${name}": expected \`feedbackValueType\` to be ${VALUE_TYPES.map(shown).join(", ")} or a list of labels, got ${shown(given)}.`,
  );
}

function shapeOf({ name, feedbackValueType, verdicts, scale }: JudgeOptions): VerdictShape {
  checkValueType(name, feedbackValueType);
  const isWhole = feedbackValueType === "integer";
  const numeric = feedbackValueType === undefined || feedbackValueType === "number" || isWhole;
  if (
    (scale !== undefined && !numeric) ||
    (verdicts !== undefined && (scale ?? feedbackValueType) !== undefined)
  ) {
    throw new AssayError(
      "invalid-argument",
      `Judge "${name}": expected one of \`feedbackValueType\`, \`verdicts\` and \`scale\`, got several that disagree.`,
    );
  }
  if (verdicts !== undefined) return labelShape(verdicts);
  if (scale !== undefined) return scaleShape(scale, isWhole, isWhole);
  if (Array.isArray(feedbackValueType)) return labelShape(feedbackValueType as readonly string[]);
  if (feedbackValueType === "boolean") return BOOLEAN_SHAPE;
  if (feedbackValueType === "list") return { kind: "list" };
  if (numeric && feedbackValueType !== undefined) {
    const bounds = { low: -Infinity, high: Infinity, integers: isWhole };
    return { kind: "number", ...bounds, ...(isWhole && { isWhole }) };
  }
  return { kind: "text" };
}
