import {
  AssayError,
  type FingerprintAspects,
  fingerprintDifference,
  isPlainObject,
  withoutAbsent,
} from "../core/index.ts";
import { findMetric, type GateCatalog, type GateMetric, type GateScorer } from "./catalog.ts";
import { duplicateKey } from "./duplicate-keys.ts";
import type { Gate, MetricGate } from "./gate.ts";

/** The data a baseline was measured on. */
export interface BaselineData {
  readonly name: string;
  readonly digest?: string;
  /** The same whatever the order of the rows; absent in baselines of before it was kept. */
  readonly unorderedDigest?: string;
  readonly version?: number;
}

/** A scorer of a baseline: scores of another judge are another measure. */
export interface BaselineScorer {
  readonly key: string;
  /** Absent for a scorer without one, and in files of before it was kept. */
  readonly scale?: readonly [low: number, high: number];
  readonly fingerprint?: string;
  /** What the fingerprint is of; absent in baselines of before it was kept. */
  readonly aspects?: FingerprintAspects;
}

/** What a run is held against. */
export interface Baseline {
  /** E.g. `run 1f2e3d4c5b6a` or `main.baseline.json`. */
  readonly name: string;
  readonly data: BaselineData;
  readonly scorers: readonly BaselineScorer[];
  /** By metric key. */
  readonly metrics: { readonly [key: string]: number };
  /** The mean of each row's trials, by row key; rows without a score are absent. */
  rows(scorer: string): Promise<ReadonlyMap<string, number>>;
}

/** A baseline as it is committed beside the code. */
export interface BaselineFile {
  readonly version: 1;
  readonly evaluation: string;
  readonly runId: string;
  readonly data: BaselineData;
  readonly scorers: readonly BaselineScorer[];
  readonly metrics: { readonly [key: string]: number };
  /** Row key → scorer → the mean of its trials. */
  readonly rows: { readonly [rowKey: string]: { readonly [scorer: string]: number } };
}

/** One row a line, sorted, so that a diff shows which rows changed. */
export function writeBaselineFile(file: BaselineFile): string {
  const { rows, metrics, ...head } = file;
  const sorted = <T>(object: { readonly [key: string]: T }) =>
    Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = sorted(rows).map(
    ([key, scores]) =>
      `${JSON.stringify(key)}:${JSON.stringify(Object.fromEntries(sorted(scores)))}`,
  );
  const before = JSON.stringify({ ...head, metrics: Object.fromEntries(sorted(metrics)) });
  const body = lines.length === 0 ? "" : `\n${lines.join(",\n")}\n`;
  return `${before.slice(0, -1)},"rows":{${body}}}\n`;
}

/** @throws {AssayError} `invalid-argument` for a text that is no baseline. */
export function readBaselineFile(text: string, name: string): Baseline {
  let file: BaselineFile;
  try {
    file = JSON.parse(text) as BaselineFile;
  } catch (cause) {
    throw new AssayError("invalid-argument", `${name} is not JSON, so it is no baseline`, {
      cause,
    });
  }
  const isWhole =
    isPlainObject(file) &&
    file.version === 1 &&
    isPlainObject(file.rows) &&
    isPlainObject(file.metrics) &&
    isPlainObject(file.data) &&
    Array.isArray(file.scorers);
  if (!isWhole) {
    throw new AssayError(
      "invalid-argument",
      `${name} is no baseline: expected { version: 1, data, scorers, metrics, rows }, as --save-baseline writes it`,
    );
  }
  const twice = duplicateKey(text);
  if (twice !== undefined) {
    throw new AssayError(
      "invalid-argument",
      `${name} has ${JSON.stringify(twice)} twice in one object, as after a merge: keep one of them`,
    );
  }
  return {
    name,
    data: file.data,
    scorers: file.scorers,
    metrics: file.metrics,
    rows: async (scorer) => {
      const rows = new Map<string, number>();
      for (const [key, scores] of Object.entries(file.rows)) {
        const score = scores[scorer];
        if (typeof score === "number") rows.set(key, score);
      }
      return rows;
    },
  };
}

/** Whether gates need a baseline. */
export function needsBaseline(gates: readonly Gate[]): boolean {
  return gates.some((gate) => gate.kind === "metric" && gate.bound.kind === "baseline");
}

/** What is compared with a baseline. */
export interface Candidate {
  readonly data: BaselineData;
  readonly catalog: GateCatalog;
}

/**
 * Checks, before anything is measured, that gates can be held against a baseline.
 *
 * @param allowMismatch - Other data or another judge is no reason to refuse.
 * @throws {AssayError} `invalid-argument`, each in one line that names the gate: no baseline, one without the
 *   metric, without a number, or whose number cannot be multiplied; other data; another judge.
 */
export function checkBaseline(
  gates: readonly Gate[],
  baseline: Baseline | undefined,
  { data, catalog }: Candidate,
  allowMismatch = false,
): void {
  for (const gate of gates) {
    if (gate.kind !== "metric" || gate.bound.kind !== "baseline") continue;
    if (baseline === undefined) {
      throw new AssayError(
        "invalid-argument",
        `Gate "${gate.text}" speaks of a baseline, and none is given: --baseline <run id | branch:main | @alias | file.baseline.json>`,
      );
    }
    const metric = findMetric(catalog, gate);
    checkValue(gate, baselineValue(baseline, metric), baseline);
    const scorers = metric.scorer === undefined ? [] : [metric.scorer];
    const beginning = `Gate "${gate.text}": the`;
    checkSameScale(scorers, baseline, beginning);
    if (!allowMismatch) checkSameMeasure({ data, scorers }, baseline, beginning);
  }
}

/**
 * @param beginning - Of the error's line, up to the word "baseline".
 * @throws {AssayError} `invalid-argument` where the baseline is of other data, or was scored by another judge.
 */
export function checkSameMeasure(
  { data, scorers }: { readonly data: BaselineData; readonly scorers: readonly GateScorer[] },
  baseline: Baseline,
  beginning = "The",
): void {
  const differs = dataDifference(data, baseline.data);
  if (differs !== undefined) {
    throw new AssayError(
      "invalid-argument",
      `${beginning} baseline (${baseline.name}) was measured on ${differs}. Measure it anew, or compare the rows that both have with --allow-mismatch`,
    );
  }
  for (const scorer of scorers) {
    const difference = judgeDifference(scorer, baseline);
    if (difference === undefined) continue;
    throw new AssayError(
      "invalid-argument",
      `${beginning} baseline (${baseline.name}) was scored by another judge (${scorer.key}: ${difference}). Score it anew, or use --allow-mismatch`,
    );
  }
}

/** The baseline under a name that says in what it differs, so that every verdict by it does. */
export function withMismatches(baseline: Baseline, { data, catalog }: Candidate): Baseline {
  const differs = dataDifference(data, baseline.data);
  const judges = catalog.scorers.flatMap((scorer) => {
    const difference = judgeDifference(scorer, baseline);
    return difference === undefined ? [] : `${scorer.key} of another judge: ${difference}`;
  });
  const rows = differs === undefined ? [] : [`of ${differs}, paired by key whatever they ask now`];
  const said = [...rows, ...judges];
  return said.length === 0
    ? baseline
    : { ...baseline, name: `${baseline.name}; ${said.join("; ")}` };
}

/**
 * @param beginning - As of {@link checkSameMeasure}.
 * @throws {AssayError} `invalid-argument` where the baseline was scored on another scale, which nothing allows:
 *   4 of 5 and 4 of 10 have no difference.
 */
export function checkSameScale(
  scorers: readonly GateScorer[],
  baseline: Baseline,
  beginning = "The",
): void {
  for (const { key, scale } of scorers) {
    const was = baseline.scorers.find((one) => one.key === key)?.scale;
    if (was === undefined || scale === undefined) continue;
    if (was[0] === scale[0] && was[1] === scale[1]) continue;
    throw new AssayError(
      "invalid-argument",
      `${beginning} baseline (${baseline.name}) was scored from ${was[0]} to ${was[1]}, and ${key} goes from ${scale[0]} to ${scale[1]}. Score it anew`,
    );
  }
}

/** The metric's value in a baseline; a mean may stand there under its other name. */
export function baselineValue(
  { metrics }: Pick<Baseline, "metrics">,
  { key, aliases = [] }: GateMetric,
): number | undefined {
  const found = [key, ...aliases].find((name) => Object.hasOwn(metrics, name));
  return found === undefined ? undefined : metrics[found];
}

function checkValue(
  { text, bound }: MetricGate,
  value: number | undefined,
  { name, metrics }: Baseline,
): void {
  if (value === undefined) {
    const known = Object.keys(metrics).join(", ") || "none";
    throw new AssayError(
      "invalid-argument",
      `Gate "${text}": the baseline (${name}) has no such metric. It has: ${known}`,
    );
  }
  if (!Number.isFinite(value)) {
    throw new AssayError(
      "invalid-argument",
      `Gate "${text}": the baseline (${name}) is ${value}, which nothing can be compared with`,
    );
  }
  if (bound.kind === "baseline" && bound.factor !== 1 && value <= 0) {
    throw new AssayError(
      "invalid-argument",
      `Gate "${text}": ${bound.factor} times a baseline of ${value} demands nothing sensible; write a difference, e.g. >= baseline + 0.1`,
    );
  }
}

function dataDifference(data: BaselineData, was: BaselineData): string | undefined {
  if (data.version !== undefined && was.version !== undefined && data.version !== was.version) {
    return `version ${was.version} of ${was.name}, this is version ${data.version}`;
  }
  const isUnordered = data.unorderedDigest !== undefined && was.unorderedDigest !== undefined;
  const digest = isUnordered ? "unorderedDigest" : "digest";
  const [is, before] = [data[digest], was[digest]];
  return is !== undefined && before !== undefined && is !== before
    ? `other rows (${was.name} ${before.slice(0, 12)}, this is ${data.name} ${is.slice(0, 12)})`
    : undefined;
}

function judgeDifference(is: GateScorer, { scorers }: Baseline): string | undefined {
  const was = scorers.find(({ key }) => key === is.key);
  if (was === undefined) return undefined;
  if (was.fingerprint === undefined && is.fingerprint !== undefined) {
    return "the baseline does not say by which, as it has no fingerprint";
  }
  if (was.fingerprint !== undefined && is.fingerprint === undefined) {
    return "it has no fingerprint any more";
  }
  // Where one side lacks them, every aspect would seem to have changed.
  const areKnown = was.aspects !== undefined && is.aspects !== undefined;
  const identity = ({ fingerprint, aspects }: Pick<GateScorer, "fingerprint" | "aspects">) =>
    withoutAbsent({ name: is.name, fingerprint, aspects: areKnown ? aspects : undefined });
  return fingerprintDifference(identity(was), identity(is));
}
