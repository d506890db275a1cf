import { AssayError, nameList, type Row, type Scorer, scorerKey } from "../core/index.ts";
import type { DatasetSummary } from "../datasets/index.ts";
import { type DefaultScorers, defaultScorersWithNotes } from "../metrics/index.ts";
import { defaultScorersConfig } from "./evaluator-config.ts";
import { gateKeys } from "./metric-keys.ts";
import type { EvaluateOptions } from "./options.ts";
import { toScorer } from "./to-scorer.ts";

interface ChosenScorers {
  readonly scorers: readonly Scorer[];
  /** Default scorers that the data cannot feed, in words. */
  readonly notes: readonly string[];
}

/**
 * The scorers of an evaluation: the defaults of the model type that the first row can feed, and the
 * ones given, which it must be able to feed. One given under a default's name stands in its place.
 *
 * @throws {AssayError} `invalid-argument` for scorers that cannot work or cannot be told apart.
 */
export function chooseScorers(
  options: EvaluateOptions,
  { first, columns }: Pick<DatasetSummary, "first" | "columns">,
): ChosenScorers {
  const given = [options.extraMetrics ?? [], options.scorers ?? []].flat().map(toScorer);
  const keys = given.map(({ scorer }) => scorerKey(scorer));
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined) {
    throw new AssayError(
      "invalid-argument",
      `Two scorers are called ${twice}; give one another name`,
    );
  }
  for (const { scorer } of given) checkFed(scorer, first, columns);
  // With nothing else to measure, targets ask for a comparison with the answers.
  const modelType =
    options.modelType ??
    (given.length === 0 && options.targets !== undefined ? "question-answering" : undefined);
  const config = defaultScorersConfig(options.evaluatorConfig);
  if (modelType === undefined && options.evaluatorConfig !== undefined) {
    throw new AssayError(
      "invalid-argument",
      "evaluatorConfig is about the default metrics of a modelType; give one (--model-type)",
    );
  }
  const set: DefaultScorers =
    modelType === undefined
      ? { scorers: [], notes: [] }
      : defaultScorersWithNotes(modelType, config);
  const defaults = set.scorers.filter(({ scorer }) => !keys.includes(scorerKey(scorer)));
  const hungry = defaults.filter(({ scorer }) => lacking(scorer, first) !== undefined);
  const scorers = [...defaults.filter((scorer) => !hungry.includes(scorer)), ...given];
  const names = hungry.map(({ scorer }) => scorer.name).join(", ");
  const notes = [
    ...(hungry.length === 0 ? [] : [`left out without targets: ${names}`]),
    // Who did not ask for MLflow's set, or brought the scorer along, misses nothing of it.
    ...(options.modelType === undefined ? [] : set.notes).filter(
      (note) => !given.some(({ scorer }) => note.includes(`${scorer.name} `)),
    ),
  ];
  if (scorers.length === 0) {
    throw new AssayError(
      "invalid-argument",
      `There is nothing to measure: give extraMetrics (--judge), or modelType with targets (--targets). ${notes.join("; ")}`.trim(),
    );
  }
  checkMetrics(scorers, options);
  return { scorers, notes };
}

function lacking({ requires }: Scorer["scorer"], first: Row): string | undefined {
  return requires?.find((name) => first.expectations[name] === undefined);
}

function checkFed(scorer: Scorer["scorer"], first: Row, columns: readonly string[]): void {
  const missing = lacking(scorer, first);
  if (missing === undefined) return;
  throw new AssayError(
    "invalid-argument",
    `${scorer.name} needs expectations.${missing}, which row 1 lacks. Name the column that holds it with targets (--targets). Available columns: ${nameList(columns)}`,
  );
}

/** Scorers with names of their own can still give the same metric: `a` with an aggregation `v1`, and `a/v1`. */
function checkMetrics(scorers: readonly Scorer[], options: EvaluateOptions): void {
  const keys = scorers.flatMap((scorer) => gateKeys(scorer, options).map(({ key }) => key));
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice === undefined) return;
  throw new AssayError("invalid-argument", `Two scorers give the metric ${twice}`);
}
