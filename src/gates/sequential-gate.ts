import { AssayError, type GateResult, type Verdict, withoutAbsent } from "../core/index.ts";
import { finiteMeanInterval, SequentialMeanTest } from "../stats/index.ts";
import { demandsImprovement } from "./decide-baseline.ts";
import { rowMeets } from "./decide-rows.ts";
import { inWords, type MetricGate, metricName, type RowsGate } from "./gate.ts";
import { format, formatBeside, quantityOf, shortName } from "./wording.ts";

/** Error that each side of each gate may have when judging stops early. */
const ALPHA = 0.05;

/** One row as it comes: the scores of its trials. */
export interface SequentialRow {
  readonly rowKey: string;
  /** Numbers, or labels for gates on words; fewer than planned where some failed. */
  readonly trials: readonly (number | string)[];
}

/** A gate that is looked at after each row, in an order that has nothing to do with the scores. */
export interface SequentialGate {
  add(row: SequentialRow): void;
  readonly verdict: Certain | undefined;
  /** The result once it is certain. @param estimate - Of all rows, where all were judged after all. */
  result(estimate?: number): GateResult | undefined;
}

/** What is certain, after how many rows, and how. */
export interface Certain {
  readonly verdict: Exclude<Verdict, "undecided">;
  readonly at: number;
  readonly by: "logic" | "evidence";
}

/** What a mean is tested for: the mean of `value(row)` over `n` rows. */
interface MeanDemand {
  readonly n: number;
  readonly scale: readonly [low: number, high: number];
  /** Undefined for a row that does not tell. */
  readonly value: (row: SequentialRow) => number | undefined;
  readonly threshold: number;
}

/**
 * A gate on a mean, by the e-process of {@link SequentialMeanTest}.
 *
 * @param n - Rows that the gate is about.
 * @param baseline - Row means to compare with, where the gate does, and the metric's value.
 * @throws {AssayError} `invalid-argument` for `==`, for scores without a scale, and for a gate that only a
 *   proven regression fails: what is certain of these rows proves nothing of others.
 */
export function sequentialMeanGate(
  gate: MetricGate,
  n: number,
  trials: number,
  scale: readonly [number, number] | undefined,
  baseline?: { readonly rows: ReadonlyMap<string, number>; readonly value: number },
): SequentialGate {
  if (gate.operator === "==")
    throw refused(gate.text, "a mean is never certain to be exactly that");
  if (scale === undefined)
    throw refused(gate.text, "its scorer has no scale, and bounds are needed");
  const { bound } = gate;
  if (bound.kind === "baseline" && baseline !== undefined) {
    const threshold = bound.factor * baseline.value + bound.offset;
    if (!demandsImprovement(gate, baseline.value, threshold)) {
      throw refused(gate.text, "it fails only on a proven regression, which takes all rows");
    }
  }
  return new MeanGate(gate, demandOf(gate, n, trials, scale, baseline?.rows));
}

/** A gate on single rows: there is only logic. */
export function sequentialRowsGate(gate: RowsGate, n: number, trials: number): SequentialGate {
  return new CountGate(gate, n, trials);
}

/** @returns Why a gate cannot be decided before all rows are there, as an error. */
export function refused(gate: string, why: string): AssayError {
  return new AssayError(
    "invalid-argument",
    `Gate "${gate}" cannot be decided early: ${why}. Leave the adaptive budget out, or the gate`,
  );
}

function demandOf(
  { bound }: MetricGate,
  n: number,
  trials: number,
  [low, high]: readonly [number, number],
  baseline: ReadonlyMap<string, number> | undefined,
): MeanDemand {
  const meanOf = ({ trials: scores }: SequentialRow) => {
    if (scores.length < trials) return undefined;
    return scores.reduce<number>((sum, score) => sum + Number(score), 0) / scores.length;
  };
  if (bound.kind === "value") {
    return { n, scale: [low, high], value: meanOf, threshold: bound.value };
  }
  const { factor, offset } = bound;
  const difference = (row: SequentialRow) => {
    const [now, was] = [meanOf(row), baseline?.get(row.rowKey)];
    return now === undefined || was === undefined ? undefined : now - factor * was;
  };
  return {
    n,
    scale: [low - factor * high, high - factor * low],
    value: difference,
    threshold: offset,
  };
}

class MeanGate implements SequentialGate {
  readonly #gate: MetricGate;
  readonly #demand: MeanDemand;
  readonly #test: SequentialMeanTest;
  readonly #seen: (number | undefined)[] = [];

  constructor(gate: MetricGate, demand: MeanDemand) {
    this.#gate = gate;
    this.#demand = demand;
    const { n, scale, threshold } = demand;
    const isLess = gate.operator.startsWith("<");
    this.#test = new SequentialMeanTest({
      n,
      threshold: isLess ? -threshold : threshold,
      scale: isLess ? [-scale[1], -scale[0]] : scale,
      alphaPass: ALPHA,
      alphaFail: ALPHA,
      isStrict: gate.operator === "<" || gate.operator === ">",
    });
  }

  get verdict(): Certain | undefined {
    return this.#test.verdict;
  }

  add(row: SequentialRow): void {
    // What comes behind the certain verdict could only blur where it came.
    if (this.verdict !== undefined) return;
    const { value, scale } = this.#demand;
    const given = value(row);
    const clipped = given === undefined ? undefined : Math.min(scale[1], Math.max(scale[0], given));
    this.#seen.push(clipped);
    this.#test.add(
      clipped !== undefined && this.#gate.operator.startsWith("<") ? -clipped : clipped,
    );
  }

  result(estimate?: number): GateResult | undefined {
    const certain = this.verdict;
    if (certain === undefined) return undefined;
    const { n, scale, threshold } = this.#demand;
    const isLess = this.#gate.operator.startsWith("<");
    const isAbove = isLess !== (certain.verdict === "pass");
    const bounds = onSideOf(threshold, isAbove, finiteMeanInterval(this.#seen, { n, scale }));
    return withoutAbsent<GateResult>({
      gate: this.#gate.text,
      verdict: certain.verdict,
      decision: certain.verdict,
      estimate,
      interval: { ...bounds, level: 0.95, method: "betting" },
      threshold,
      title: titleOf(this.#gate, threshold, certain, n),
      message: messageOf(this.#gate, threshold, certain, n, bounds),
      stopped: { at: certain.at, of: n, by: certain.by },
    });
  }
}

/** The test has one side and the interval two, so it is wider: what is certain of the threshold cuts it off. */
function onSideOf(
  threshold: number,
  isAbove: boolean,
  { lower, upper }: { readonly lower: number; readonly upper: number },
) {
  return isAbove
    ? { lower: Math.min(upper, Math.max(lower, threshold)), upper }
    : { lower, upper: Math.max(lower, Math.min(upper, threshold)) };
}

const SIGNS = { ">=": "≥", ">": ">", "<=": "≤", "<": "<", "==": "=" } as const;

function titleOf(gate: MetricGate, threshold: number, { verdict, at }: Certain, n: number): string {
  const name = metricName({ ...gate, metric: shortName(gate.metric) });
  const bound =
    gate.bound.kind === "baseline"
      ? gate.text.replace(/^.*?[<>=]+\s*/, "")
      : format(threshold, quantityOf(gate));
  return `${name} ${SIGNS[gate.operator]} ${bound} (certain at ${at}/${n} rows): ${verdict}`;
}

function messageOf(
  gate: MetricGate,
  threshold: number,
  { verdict, at, by }: Certain,
  n: number,
  bounds: { readonly lower: number; readonly upper: number },
): string {
  const quantity = quantityOf(gate);
  const what =
    gate.bound.kind === "baseline"
      ? `the difference of ${metricName(gate)} to the baseline over all ${n} rows`
      : `${metricName(gate)} over all ${n} rows`;
  const is = verdict === "pass" ? "is" : "is not";
  const how =
    by === "logic"
      ? `certain after ${at}, whatever the other ${n - at} score`
      : `certain after ${at} in random order, with an error of at most ${100 * ALPHA} %`;
  return `${what} ${is} ${inWords(gate.operator)} ${format(threshold, quantity)}: ${how}; it lies between ${formatBeside(bounds.lower, threshold, quantity)} and ${formatBeside(bounds.upper, threshold, quantity)}`;
}

class CountGate implements SequentialGate {
  readonly #gate: RowsGate;
  readonly #n: number;
  readonly #trials: number;
  #met = 0;
  #missed = 0;
  #seen = 0;
  #verdict: Certain | undefined;

  constructor(gate: RowsGate, n: number, trials: number) {
    this.#gate = gate;
    this.#n = n;
    this.#trials = trials;
  }

  get verdict(): Certain | undefined {
    return this.#verdict;
  }

  add({ trials }: SequentialRow): void {
    if (this.#verdict !== undefined) return;
    const isMet = rowMeets(this.#gate, trials, this.#trials);
    this.#seen += 1;
    if (isMet === true) this.#met += 1;
    if (isMet === false) this.#missed += 1;
    const verdict = this.#bound();
    if (verdict !== undefined) this.#verdict = { verdict, at: this.#seen, by: "logic" };
  }

  /** What stands whatever the rows that were not seen, or do not tell, come to. */
  #bound(): Certain["verdict"] | undefined {
    const { quantifier } = this.#gate;
    const most = this.#n - this.#missed;
    const wantsMet = quantifier.kind === "every" || quantifier.kind === "at least";
    const limit = this.#limit();
    if (wantsMet) return this.#met >= limit ? "pass" : most < limit ? "fail" : undefined;
    return this.#met > limit ? "fail" : most <= limit ? "pass" : undefined;
  }

  #limit(): number {
    const { quantifier } = this.#gate;
    if ("share" in quantifier) {
      const rows = quantifier.share * this.#n;
      return quantifier.kind === "at least" ? Math.ceil(rows - 1e-9) : Math.floor(rows + 1e-9);
    }
    if ("count" in quantifier) return quantifier.count;
    return quantifier.kind === "every" ? this.#n : 0;
  }

  result(): GateResult | undefined {
    const certain = this.#verdict;
    if (certain === undefined) return undefined;
    const { at, verdict } = certain;
    const { text, scorer, operator, value } = this.#gate;
    return {
      gate: text,
      verdict,
      decision: verdict,
      threshold: this.#limit(),
      title: `${text} (certain at ${at}/${this.#n} rows): ${verdict}`,
      message: `of the first ${at} rows in random order ${this.#met} have ${scorer} ${operator} ${value} and ${this.#missed} have not: ${verdict}, whatever the other ${this.#n - at} of ${this.#n} rows score`,
      stopped: { at, of: this.#n, by: "logic" },
    };
  }
}
