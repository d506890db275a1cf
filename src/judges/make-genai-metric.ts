import { AssayError, type JsonValue, type Scorer, withoutAbsent } from "../core/index.ts";
import {
  checkExamples,
  checkName,
  checkText,
  checkVersion,
  examplesText,
  type WorkedExample,
} from "./checks.ts";
import { type CommonJudgeOptions, commonSpec } from "./common-options.ts";
import { createJudge } from "./create-judge.ts";
import type { Slot } from "./judge-spec.ts";
import { COMMON_OPTIONS, checkJudgeOptions, type OptionNames } from "./option-names.ts";
import { absenceOf, availableColumns, columnText, rowText, rowVariable } from "./row-texts.ts";
import { parseTemplate, type Segment, variablesOf } from "./template.ts";
import { scaleShape, type VerdictShape } from "./verdict-shape.ts";

/** A worked grading, as in MLflow; write it as a literal with `satisfies`. */
export interface EvaluationExample {
  readonly input?: JsonValue;
  readonly output: JsonValue;
  /** Within the metric's scale. */
  readonly score: number;
  readonly justification: string;
  /** A value per grading column; a text alone is the first column's. */
  readonly gradingContext?: string | { readonly [column: string]: JsonValue };
}

interface CommonOptions extends CommonJudgeOptions {
  readonly name: string;
  /** Default true. */
  readonly greaterIsBetter?: boolean;
}

export interface GenaiMetricOptions extends CommonOptions {
  /** What is measured. */
  readonly definition: string;
  /** How to grade it: best one sentence per level of the scale. */
  readonly gradingPrompt: string;
  readonly examples?: readonly EvaluationExample[];
  /** Default `v1`. */
  readonly version?: string;
  /** Columns that the judge sees beside input and output, such as `context` or `targets`. */
  readonly gradingContextColumns?: string | readonly string[];
  /** Whether the judge sees the input; default true. */
  readonly includeInput?: boolean;
  /** Default [1, 5]; a grade outside it is no score. */
  readonly scale?: readonly [low: number, high: number];
}

export interface GenaiMetricFromPromptOptions extends CommonOptions {
  /** `{name}` or `{{ name }}` is replaced by the column of that name. */
  readonly judgePrompt: string;
  /** Puts the version into the metric key; absent, as in MLflow, unless given. */
  readonly version?: string;
  /** Bounds of the grade; unbounded unless given, because only the prompt knows them. */
  readonly scale?: readonly [low: number, high: number];
}

const METRIC_OPTIONS: OptionNames<GenaiMetricOptions> = {
  name: true,
  definition: true,
  gradingPrompt: true,
  examples: true,
  version: true,
  gradingContextColumns: true,
  includeInput: true,
  scale: true,
  greaterIsBetter: true,
  ...COMMON_OPTIONS,
};
const PROMPT_OPTIONS: OptionNames<GenaiMetricFromPromptOptions> = {
  name: true,
  judgePrompt: true,
  version: true,
  scale: true,
  greaterIsBetter: true,
  ...COMMON_OPTIONS,
};
const DEFAULT_AGGREGATIONS = ["mean", "variance", "p90"] as const;
const UNBOUNDED: VerdictShape = { kind: "number", low: -Infinity, high: Infinity, integers: false };

/**
 * A judge from a definition, a rubric and examples, as MLflow's `make_genai_metric`.
 *
 * @throws {AssayError} `invalid-argument` for an option that cannot be; at the first row, for a
 *   grading column that the row does not have.
 */
export function makeGenaiMetric(options: GenaiMetricOptions): Scorer {
  checkJudgeOptions("makeGenaiMetric", options, METRIC_OPTIONS);
  const { name, definition, gradingPrompt, version = "v1", includeInput = true } = options;
  checkName(name);
  checkText(name, "definition", definition);
  checkText(name, "gradingPrompt", gradingPrompt);
  checkVersion(name, version);
  const columns = [options.gradingContextColumns ?? []].flat();
  const shape = scaleShape(options.scale ?? [1, 5], false);
  const examples = (options.examples ?? []).map((example, index) =>
    worked(name, example, index, columns),
  );
  checkExamples(name, examples, shape);

  const shown = examplesText(examples, "score");
  const template: Segment[] = [
    {
      text: `Criterion: ${name}\n${definition.trim()}\n\nHow to grade\n${gradingPrompt.trim()}\n\n`,
    },
    { text: shown === "" ? "" : `Examples\n${shown}\n\n` },
    { text: "What to grade\n" },
    ...(includeInput ? [{ variable: "inputs" }, { text: "\n" }] : []),
    { variable: "outputs" },
    ...columns.flatMap((column) => [
      { text: `\nAdditional information for the grading: ${column}\n` },
      { variable: column },
    ]),
  ];
  const slots = new Map<string, Slot>(columns.map((column) => [column, columnSlot(name, column)]));
  slots.set("outputs", requiredSlot(name, "outputs"));
  if (includeInput) slots.set("inputs", requiredSlot(name, "inputs"));
  return createJudge({ ...common(options), version, template, slots, shape, examples });
}

/** A judge from one prompt whose variables are columns, as MLflow's `make_genai_metric_from_prompt`. */
export function makeGenaiMetricFromPrompt(options: GenaiMetricFromPromptOptions): Scorer {
  checkJudgeOptions("makeGenaiMetricFromPrompt", options, PROMPT_OPTIONS);
  const { name, judgePrompt, version, scale } = options;
  checkName(name);
  checkText(name, "judgePrompt", judgePrompt);
  checkVersion(name, version);
  const template = parseTemplate(judgePrompt, "double or single");
  const variables = variablesOf(template);
  if (variables.length === 0) {
    throw new AssayError(
      "invalid-argument",
      `Judge "${name}": expected \`judgePrompt\` to name what it judges, for example {inputs} and {outputs}.`,
    );
  }
  const slots = new Map(variables.map((column) => [column, columnSlot(name, column)]));
  const shape = scale === undefined ? UNBOUNDED : scaleShape(scale, false);
  return createJudge({
    ...common(options),
    ...(version === undefined ? {} : { version }),
    template,
    slots,
    shape,
  });
}

function common(options: CommonOptions) {
  const { name, greaterIsBetter = true } = options;
  return { aggregations: DEFAULT_AGGREGATIONS, ...commonSpec(options), name, greaterIsBetter };
}

function requiredSlot(judge: string, variable: "inputs" | "outputs"): Slot {
  return { read: (sample) => rowText(sample, variable), absent: () => absenceOf(variable, judge) };
}

function columnSlot(judge: string, column: string): Slot {
  return {
    read: (sample) => columnText(sample, column),
    absent: (sample) => {
      const variable = rowVariable(column);
      if (variable !== undefined) return absenceOf(variable, judge);
      throw new AssayError(
        "invalid-argument",
        `Judge "${judge}" needs the column "${column}", which row ${sample.row.ordinal + 1} does not have. Available: ${availableColumns(sample).join(", ")}.`,
      );
    },
  };
}

function worked(
  judge: string,
  example: EvaluationExample,
  index: number,
  columns: readonly string[],
): WorkedExample {
  const { input, output, score, justification, gradingContext } = example;
  const [first = ""] = columns;
  const given =
    typeof gradingContext === "string" ? { [first]: gradingContext } : (gradingContext ?? {});
  if ([...columns].sort().join("\n") !== Object.keys(given).sort().join("\n")) {
    throw new AssayError(
      "invalid-argument",
      `Judge "${judge}": expected the gradingContext of example ${index + 1} to hold exactly the grading columns (${columns.join(", ") || "none"}), got ${Object.keys(given).join(", ") || "none"}.`,
    );
  }
  const texts = withoutAbsent<{ [name: string]: JsonValue }>({
    inputs: input,
    outputs: output,
    ...given,
  });
  return { texts, verdict: score, rationale: justification };
}
