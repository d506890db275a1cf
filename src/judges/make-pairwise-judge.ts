import { AssayError, type Scorer } from "../core/index.ts";
import { checkName, checkText, checkVersion } from "./checks.ts";
import { type CommonJudgeOptions, commonSpec } from "./common-options.ts";
import { createJudge } from "./create-judge.ts";
import type { Slot } from "./judge-spec.ts";
import { COMMON_OPTIONS, checkJudgeOptions, type OptionNames } from "./option-names.ts";
import { DEFAULT_AGAINST, otherAnswer } from "./other-answer.ts";
import { type PairLabels, pairShape, pairwiseForm } from "./pairwise-form.ts";
import { comparePair, type PairOptions } from "./procedures/pair.ts";
import { absenceOf, ROW_VARIABLES, rowText, rowVariable } from "./row-texts.ts";
import { parseTemplate, variablesOf } from "./template.ts";

export interface PairwiseJudgeOptions extends CommonJudgeOptions {
  readonly name: string;
  /** Puts the version into the metric key. */
  readonly version?: string;
  /** Places `{{ first }}` and `{{ second }}`, the two answers, and what else of the row it needs. */
  readonly instructions: string;
  /** The column with the other answer. Default `baseline_outputs`. */
  readonly against?: string;
  /** What the judge calls them; without a third it has to choose. Default `["first", "second", "tie"]`. */
  readonly labels?: readonly [first: string, second: string, tie?: string];
  /** Asks for a score of each answer, between these bounds, instead of a label. */
  readonly scale?: readonly [low: number, high: number];
}

const OPTIONS: OptionNames<PairwiseJudgeOptions> = {
  name: true,
  version: true,
  instructions: true,
  against: true,
  labels: true,
  scale: true,
  ...COMMON_OPTIONS,
};
const MADE = ["first", "second"];

/**
 * A judge that says which of two answers is better: the outputs, or those of a column. It is asked in both
 * orders; its score is 1 for the outputs, 0 for the other ones, ½ where the orders disagree. The metric
 * `<key>/flip_rate` is the share of rows where they do.
 *
 * @throws {AssayError} `invalid-argument` for an option that cannot be.
 */
export function makePairwiseJudge(options: PairwiseJudgeOptions): Scorer {
  checkJudgeOptions("makePairwiseJudge", options, OPTIONS);
  return pairwiseJudge(options);
}

/** @param orders - Fewer than both only where a recording has no more. */
export function pairwiseJudge(
  options: PairwiseJudgeOptions,
  orders?: PairOptions["orders"],
): Scorer {
  const { name, version, instructions, against = DEFAULT_AGAINST, scale } = options;
  checkName(name);
  checkText(name, "instructions", instructions);
  checkVersion(name, version);
  const template = parseTemplate(instructions.trim());
  const labels = labelsOf(options);
  const procedure = comparePair({
    answer: (sample) => rowText(sample, "outputs") ?? "",
    against,
    other: (sample) => otherAnswer(sample, name, against),
    ...(scale !== undefined && { scores: { template, scale: checkedScale(name, scale) } }),
    ...(orders !== undefined && { orders }),
  });
  return createJudge({
    ...commonSpec(options),
    name,
    ...(version !== undefined && { version }),
    greaterIsBetter: true,
    template,
    slots: slotsOf(name, variablesOf(template)),
    shape: pairShape(labels),
    form: pairwiseForm(labels),
    procedure,
  });
}

function slotsOf(judge: string, variables: readonly string[]): Map<string, Slot> {
  const invalid = (problem: string) =>
    new AssayError("invalid-argument", `Judge "${judge}": ${problem}.`);
  const lacking = MADE.find((name) => !variables.includes(name));
  if (lacking !== undefined) {
    throw invalid(`expected \`instructions\` to place {{ ${lacking} }}`);
  }
  return new Map(
    variables
      .filter((written) => !MADE.includes(written))
      .map((written): [string, Slot] => {
        const variable = rowVariable(written);
        if (variable === undefined || variable === "outputs") {
          const known = ROW_VARIABLES.filter((one) => one !== "outputs").join(", ");
          throw invalid(`{{ ${written} }} in its instructions is none of first, second, ${known}`);
        }
        return [
          written,
          {
            read: (sample) => rowText(sample, variable),
            absent: () => absenceOf(variable, judge),
          },
        ];
      }),
  );
}

function labelsOf({ name, labels }: PairwiseJudgeOptions): PairLabels {
  const [first, second, tie] = labels ?? ["first", "second", "tie"];
  if (typeof first !== "string" || typeof second !== "string") {
    throw new AssayError(
      "invalid-argument",
      `Judge "${name}": expected \`labels\` to be [first, second] or [first, second, tie].`,
    );
  }
  return { first, second, ...(tie !== undefined && { tie }) };
}

function checkedScale(judge: string, [low, high]: readonly [number, number]) {
  if (Number.isFinite(low) && Number.isFinite(high) && low < high) return [low, high] as const;
  throw new AssayError(
    "invalid-argument",
    `Judge "${judge}": expected \`scale\` to be [low, high] with low < high, got [${low}, ${high}].`,
  );
}
