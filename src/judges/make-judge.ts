import { type Aggregation, AssayError, type Scorer } from "../core/index.ts";
import type { ChatModel, ChatParameters } from "../models/index.ts";
import { checkName, checkText, checkVersion } from "./checks.ts";
import { createJudge, DEFAULT_PARAMETERS, type Slot } from "./create-judge.ts";
import { absenceOf, ROW_VARIABLES, rowText, rowVariable } from "./row-texts.ts";
import { parseTemplate, variablesOf } from "./template.ts";
import { BOOLEAN_SHAPE, labelShape, scaleShape, type VerdictShape } from "./verdict-shape.ts";

export interface JudgeOptions {
  readonly name: string;
  /**
   * What to judge and how. `{{ inputs }}`, `{{ outputs }}`, `{{ expectations }}`, `{{ context }}`,
   * `{{ trace }}` and `{{ conversation }}` stand for the row's texts; at least one is needed.
   */
  readonly instructions: string;
  /** A URI or a model object; default: the evaluation's judge model, else `ASSAY_JUDGE_MODEL`. */
  readonly model?: string | ChatModel;
  /** The type of the verdict; a list is the labels to choose from. Default `string`, as in MLflow. */
  readonly feedbackValueType?: "boolean" | "number" | "string" | readonly string[];
  /** Labels and what each is worth, instead of `feedbackValueType`. */
  readonly verdicts?: { readonly [label: string]: number };
  /** Bounds of a numeric verdict; implies `feedbackValueType: "number"`. */
  readonly scale?: readonly [low: number, high: number];
  /** Puts the version into the metric key; absent, as in MLflow, unless given. */
  readonly version?: string;
  /** Replaces the default, `{ temperature: 0 }`, as a whole. */
  readonly parameters?: ChatParameters;
  readonly aggregations?: readonly Aggregation[];
  /** Default true. */
  readonly greaterIsBetter?: boolean;
}

/**
 * A judge from instructions in your own words, as MLflow's `make_judge`.
 *
 * A row that lacks a text which the instructions name is not applicable, with what to add.
 *
 * @throws {AssayError} `invalid-argument` for an option that cannot be.
 */
export function makeJudge(options: JudgeOptions): Scorer {
  const { name, instructions, model, version, aggregations = [] } = options;
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
    name,
    ...(model === undefined ? {} : { model }),
    ...(version === undefined ? {} : { version }),
    ...(aggregations.length === 0 ? {} : { aggregations }),
    parameters: options.parameters ?? DEFAULT_PARAMETERS,
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

function shapeOf({ name, feedbackValueType, verdicts, scale }: JudgeOptions): VerdictShape {
  const numeric = feedbackValueType === undefined || feedbackValueType === "number";
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
  if (scale !== undefined) return scaleShape(scale, false);
  if (Array.isArray(feedbackValueType)) return labelShape(feedbackValueType as readonly string[]);
  if (feedbackValueType === "boolean") return BOOLEAN_SHAPE;
  if (feedbackValueType === "number") {
    return { kind: "number", low: -Infinity, high: Infinity, integers: false };
  }
  return { kind: "text" };
}
