import { type GateResult, type RowChange, withoutAbsent } from "../../core/index.ts";
import {
  type Baseline,
  type BaselineCase,
  baselineValue,
  decideBaselines,
  decideGate,
  decideRows,
  type Evidence,
  findMetric,
  findScorer,
  type Gate,
  type GateMetric,
  type MetricGate,
  pairedEvidence,
  type RowsGate,
  rowMeets,
  standsAgainst,
} from "../../gates/index.ts";
import {
  columnOf,
  type GateColumn,
  type GatedRun,
  groupOf,
  RunReader,
  rowMeans,
} from "./gated-run.ts";
import { metricEvidence } from "./metric-evidence.ts";
import { withProblem } from "./untelling-gates.ts";
import { lacking, ordinalsWithout, pairsWithWorst } from "./without-score.ts";

/** How gates are decided. */
export interface DecideOptions {
  readonly strict?: boolean;
  readonly baseline?: Baseline | undefined;
}

/** Row keys that a message or a comparison names. */
const SHOWN = 20;
const WORST = 10;

/** Decides gates on a run's committed scores; they were checked before. */
export async function decideRun(
  run: GatedRun,
  gates: readonly Gate[],
  { strict = false, baseline }: DecideOptions = {},
): Promise<GateResult[]> {
  const reader = new RunReader(run);
  const decided: (GateResult | BaselineCase)[] = [];
  for (const gate of gates) {
    if (gate.kind === "rows") decided.push(await decideOnRows(reader, gate, strict));
    else if (gate.bound.kind === "baseline") decided.push(await caseOf(reader, gate, baseline));
    else {
      const metric = findMetric(run.catalog, gate);
      const evidence = withRange(metric, await metricEvidence(reader, metric, gate));
      decided.push(decideGate(gate, evidence, strict));
    }
  }
  const cases = decided.filter((one) => "onlyHere" in one);
  const compared = decideBaselines(cases, strict).values();
  const results = decided.map((one) =>
    "onlyHere" in one ? (compared.next().value as GateResult) : one,
  );
  return Promise.all(
    results.map((result, index) => {
      const gate = gates[index] as Gate;
      return withProblem(reader, gate, withEnoughScores(run, gate, result));
    }),
  );
}

/** One row above a bound proves that the largest is. */
function withRange({ aggregation }: GateMetric, evidence: Evidence): Evidence {
  const { estimate } = evidence;
  if (estimate === undefined) return evidence;
  if (aggregation === "max") {
    return { ...evidence, range: { lower: estimate, upper: Number.POSITIVE_INFINITY } };
  }
  if (aggregation !== "min") return evidence;
  return { ...evidence, range: { lower: Number.NEGATIVE_INFINITY, upper: estimate } };
}

/** A gate whose scorer lacks too many scores is not decided by the ones that happened to work. */
function withEnoughScores(run: GatedRun, gate: Gate, result: GateResult): GateResult {
  const key =
    gate.kind === "rows"
      ? findScorer(run.catalog, gate).key
      : findMetric(run.catalog, gate).scorer?.key;
  const counts = result.counts ?? (key === undefined ? undefined : run.summaries[key]);
  if (counts === undefined) return result;
  const lacking = counts.failed + counts.missing;
  const applicable = lacking + counts.scored;
  if (applicable === 0 || lacking / applicable <= run.maxFailed) return result;
  const name = gate.kind === "rows" ? gate.scorer : gate.metric;
  return {
    ...result,
    verdict: "undecided",
    decision: "fail",
    title: `${gate.text}: ${lacking} of ${applicable} results have no score: fail`,
    message: `${name} cannot be judged: ${lacking} of ${applicable} results have no score (${counts.failed} failed, ${counts.missing} missing); demanded: ${gate.text}`,
  };
}

async function caseOf(
  reader: RunReader,
  gate: MetricGate,
  baseline: Baseline | undefined,
): Promise<BaselineCase> {
  const { run } = reader;
  const metric = findMetric(run.catalog, gate);
  const evidence = await metricEvidence(reader, metric, gate);
  // Checked before: a baseline is there, and has the metric.
  const known = baseline as Baseline;
  const nobody = { count: 0, rows: [] };
  const shared = {
    gate,
    evidence,
    name: known.name,
    value: baselineValue(known, metric) as number,
  };
  if (metric.scorer === undefined || metric.aggregation !== "mean") {
    return { ...shared, onlyHere: nobody, onlyInBaseline: nobody };
  }
  const column = await reader.numbers(metric.scorer.key);
  const slice = gate.slice && run.facts?.ordinalsOf(gate.slice);
  const mine = slice === undefined ? column : columnOf(column, slice);
  const theirs = new Map(await known.rows(metric.scorer.key));
  const keys = await reader.keys();
  const { pairs, value, ...only } = pair(
    run,
    mine,
    theirs,
    keys,
    slice,
    gate.operator.startsWith("<"),
  );
  const { factor, offset } = gate.bound as Extract<MetricGate["bound"], { kind: "baseline" }>;
  const scale = metric.scorer.scale ?? (mine.isRate ? ([0, 1] as const) : undefined);
  const demand = withoutAbsent({ operator: gate.operator, factor, offset, scale });
  const paired = pairedEvidence(pairs, demand);
  const { counts } = evidence;
  const without =
    counts && lacking(counts) > 0
      ? await ordinalsWithout(reader, metric.scorer.key, mine, counts, slice)
      : [];
  const all = scale && pairsWithWorst(pairs, { run, gate, scale, keys, without, theirs });
  const asWorst = paired && all && pairedEvidence(all, demand);
  return {
    ...shared,
    ...(gate.slice && value !== undefined && { value }),
    ...only,
    ...(pairs.candidate.length === 0 &&
      evidence.estimate !== undefined && {
        problem: `no row was scored both here and in the baseline (${known.name}), and means of different rows are not compared`,
      }),
    ...(paired && { paired: { ...paired, pairs: pairs.candidate.length } }),
    ...(asWorst && { asWorst }),
  };
}

/** Pairs by row key; what only one side has is counted and named. */
function pair(
  run: GatedRun,
  column: GateColumn,
  baseline: Map<string, number>,
  keys: ReadonlyMap<number, string>,
  slice: ReadonlySet<number> | undefined,
  isLess: boolean,
) {
  const { ordinals, means } = rowMeans(column);
  const candidate: number[] = [];
  const before: number[] = [];
  const clusters: string[] = [];
  const changes: RowChange[] = [];
  const onlyHere: string[] = [];
  for (const [index, ordinal] of ordinals.entries()) {
    const key = keys.get(ordinal) ?? "";
    const was = baseline.get(key);
    baseline.delete(key);
    if (was === undefined) {
      onlyHere.push(key);
      continue;
    }
    candidate.push(means[index] as number);
    before.push(was);
    const after = means[index] as number;
    if (isLess ? after > was : after < was) changes.push({ rowKey: key, before: was, after });
    if (run.groups.size > 0) clusters.push(groupOf(run, ordinal));
  }
  // Of a slice nobody knows which rows of the baseline alone belong to it.
  const inSlice = slice && new Set([...slice].map((ordinal) => keys.get(ordinal)));
  const others = [...baseline.keys()].filter((key) => inSlice === undefined || inSlice.has(key));
  return {
    pairs: { candidate, baseline: before, ...(clusters.length > 0 && { clusters }) },
    value: before.length > 0 ? before.reduce((a, b) => a + b, 0) / before.length : undefined,
    worst: changes
      .sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before))
      .slice(0, WORST),
    onlyHere: { count: onlyHere.length, rows: onlyHere.slice(0, SHOWN) },
    onlyInBaseline: { count: others.length, rows: others.slice(0, SHOWN) },
  };
}

async function decideOnRows(
  reader: RunReader,
  gate: RowsGate,
  strict: boolean,
): Promise<GateResult> {
  const { run } = reader;
  const scorer = findScorer(run.catalog, gate);
  const slice = gate.slice && (run.facts?.ordinalsOf(gate.slice) ?? new Set<number>());
  const trials = await trialsByRow(reader, gate, scorer.key, slice);
  const skipped = await notApplicable(reader, scorer.key, trials, slice);
  const rows = (slice?.size ?? run.rows) - skipped;
  let [met, missed] = [0, 0];
  const against: number[] = [];
  for (const [ordinal, values] of trials) {
    const isMet = rowMeets(gate, values, run.trials);
    if (isMet === undefined) continue;
    if (isMet) met += 1;
    else missed += 1;
    if (standsAgainst(gate, isMet) && against.length < 5) against.push(ordinal);
  }
  const keys = against.length > 0 ? await reader.keys() : new Map<number, string>();
  const examples = against.map((ordinal) => shortKey(keys.get(ordinal) ?? "", ordinal));
  const counts = slice === undefined ? run.summaries[scorer.key] : undefined;
  return decideRows(
    gate,
    withoutAbsent({
      rows,
      met,
      missed,
      examples,
      counts: counts && {
        scored: counts.scored,
        failed: counts.failed,
        missing: counts.missing,
        notApplicable: counts.notApplicable,
      },
    }),
    strict,
  );
}

/** A key that is a hash says nothing to people. */
function shortKey(key: string, ordinal: number): string {
  return /^[0-9a-f]{64}(#\d+)?$/.test(key) ? `row ${ordinal + 1}` : key;
}

async function trialsByRow(
  reader: RunReader,
  gate: RowsGate,
  scorer: string,
  slice: ReadonlySet<number> | undefined,
): Promise<Map<number, (number | string)[]>> {
  const rows = new Map<number, (number | string)[]>();
  const add = (ordinal: number, value: number | string) => {
    if (slice !== undefined && !slice.has(ordinal)) return;
    const values = rows.get(ordinal);
    if (values === undefined) rows.set(ordinal, [value]);
    else values.push(value);
  };
  if (typeof gate.value === "number") {
    const { ordinals, values } = await reader.column(scorer);
    for (const [index, ordinal] of ordinals.entries()) add(ordinal, values[index] as number);
    return rows;
  }
  const { run } = reader;
  for await (const { ordinal, scores } of run.results.listResults(run.runId)) {
    const score = scores[scorer];
    if (score?.kind === "scored") add(ordinal, String(score.value));
  }
  return rows;
}

/** Rows that the scorer does not apply to: no condition speaks of them. */
async function notApplicable(
  { run }: RunReader,
  scorer: string,
  trials: ReadonlyMap<number, unknown>,
  slice: ReadonlySet<number> | undefined,
): Promise<number> {
  if (run.summaries[scorer]?.notApplicable === 0) return 0;
  let rows = 0;
  for await (const { ordinal, trial, scores } of run.results.listResults(run.runId)) {
    const score = scores[scorer];
    const isIn = slice === undefined || slice.has(ordinal);
    if (trial > 0 || !isIn || trials.has(ordinal)) continue;
    if (score?.kind === "unscored" && score.reason === "not-applicable") rows += 1;
  }
  return rows;
}
