import {
  AssayError,
  canonicalJson,
  digestOf,
  type Scorer,
  scorerKey,
  sha256,
} from "../core/index.ts";
import type { EvaluationConfiguration, EvaluationRecord } from "../store/index.ts";
import { conditionsOf } from "./field-filter.ts";
import type { Plan } from "./plan.ts";

/** Characters of a digest that a configuration keeps. */
const DIGEST = 16;

/** What a run has to have in common with one that goes on with it, by aspect. */
export function configurationOf(plan: Plan): EvaluationConfiguration {
  const { source, digest, predictor, trials, options } = plan;
  const { prompt, parameters, seed = 0, sample, limit, codeVersion } = options;
  const { targets, predictions, mapping = options.colMapping } = options;
  const columns = canonicalJson({ targets, predictions, mapping });
  const aspects: { [aspect: string]: string | undefined } = {
    data: digest === undefined ? source.name : `${source.name} ${digest.slice(0, DIGEST)}`,
    model: predictor?.name,
    prompt: prompt === undefined ? undefined : sha256(prompt).slice(0, DIGEST),
    parameters: parameters && canonicalJson(parameters),
    columns: columns === "{}" ? undefined : columns,
    trials: String(trials),
    seed: String(seed),
    sample: sample === undefined ? undefined : String(sample),
    limit: limit === undefined ? undefined : String(limit),
    filter: conditionsOf(options.filter),
    shard: options.shard,
    "code version": codeVersion,
  };
  for (const scorer of plan.scorers) {
    const key = scorerKey(scorer.scorer);
    aspects[`scorer ${key}`] = fingerprintOf(scorer);
    for (const [aspect, value] of Object.entries(scorer.scorer.aspects ?? {})) {
      aspects[`${DETAIL}${key} ${aspect}`] = value;
    }
  }
  return Object.fromEntries(
    Object.entries(aspects).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** Aspects of judges, which say nothing beyond their fingerprints but how two of those differ. */
const DETAIL = "judge ";

/** Aspects that select rows: with one of them the data differs as well, whose digest is that of what is selected. */
const SELECTION: readonly string[] = ["limit", "sample", "seed", "filter", "shard"];

/** The first aspect in which two configurations differ, a judge's as exactly as it is known. */
function differing(was: EvaluationConfiguration, is: EvaluationConfiguration): string | undefined {
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  const differs = (aspect: string) => was[aspect] !== is[aspect];
  const found =
    SELECTION.find(differs) ??
    names.find((aspect) => !aspect.startsWith(DETAIL) && differs(aspect));
  if (found === undefined) return undefined;
  const details = `${DETAIL}${found.replace(/^scorer /, "")} `;
  // A run of before they were kept has none to compare with.
  const isKnown = names.some((aspect) => aspect.startsWith(details) && aspect in was);
  const detail = names.find((aspect) => aspect.startsWith(details) && differs(aspect));
  return isKnown && detail !== undefined ? detail : found;
}

/** What decides on the results once they are there; a run that is resumed may change it. */
export function termsOf({ gates, maxFailed, options }: Plan): EvaluationConfiguration {
  return {
    gates: gates.map(({ text }) => text).join(", ") || "none",
    strict: String(options.strict === true),
    "max failed": String(maxFailed),
    ...(options.guarantee !== undefined && { guarantee: options.guarantee }),
    ...(options.baseline !== undefined && { baseline: options.baseline }),
  };
}

/** A judge's own, else what its options say; the code behind a function is not looked into. */
function fingerprintOf({ scorer }: Scorer): string {
  const { fingerprint, scale, greaterIsBetter } = scorer;
  return fingerprint ?? digestOf({ scale, greaterIsBetter }).slice(0, DIGEST);
}

/** @throws {AssayError} `invalid-argument` naming the first aspect in which a worker differs from its run. */
export function checkWorker({ runId, configuration, terms }: EvaluationRecord, plan: Plan): void {
  const was = { ...configuration, ...terms };
  const is: EvaluationConfiguration = { ...configurationOf(plan), ...termsOf(plan) };
  const aspect = differing(was, is);
  if (aspect === undefined) return;
  throw new AssayError(
    "invalid-argument",
    `This worker cannot join run ${runId}: its ${aspect} is ${is[aspect] ?? "not set"}, that of the run ${was[aspect] ?? "not set"}. Start it with the eval file and flags that began the run.`,
  );
}

/**
 * @param allowChangedData - Whether other data is no difference.
 * @throws {AssayError} `invalid-argument` naming the first aspect that differs.
 */
export function checkConfiguration(
  runId: string,
  was: EvaluationConfiguration,
  is: EvaluationConfiguration,
  allowChangedData: boolean,
): void {
  const relevant = (configuration: EvaluationConfiguration) =>
    Object.fromEntries(
      Object.entries(configuration).filter(([name]) => !allowChangedData || !DATA.includes(name)),
    );
  const aspect = differing(relevant(was), relevant(is));
  if (aspect === undefined) return;
  const advice = DATA.includes(aspect)
    ? " With --allow-changed-data the rows that are still there are kept."
    : "";
  throw new AssayError(
    "invalid-argument",
    `Run ${runId} cannot be resumed: its ${aspect} was ${was[aspect] ?? "not set"} and is now ${is[aspect] ?? "not set"}. Begin a new run, or set it back.${advice}`,
  );
}

/** Aspects that say which rows there are. */
const DATA: readonly string[] = ["data", "sample", "limit", "seed", "filter"];
