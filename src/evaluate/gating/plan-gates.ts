import { AssayError, type Row, type Scorer, withoutAbsent } from "../../core/index.ts";
import type { RowSource } from "../../datasets/index.ts";
import { withMismatches } from "../../gates/baseline.ts";
import { checkBaselineScores } from "../../gates/baseline-scores.ts";
import {
  type Baseline,
  type BaselineData,
  checkBaseline,
  checkGates,
  checkRowCount,
  type Gate,
  type GateCatalog,
  needsBaseline,
  parseGate,
} from "../../gates/index.ts";
import type { TrackingStore } from "../../store/index.ts";
import { columnKeys } from "../column-metrics.ts";
import { COST_METRIC, LATENCY_METRICS, metricKeys, partKeys, reducedKeys } from "../metric-keys.ts";
import type { EvaluateOptions } from "../options.ts";
import { findBaseline } from "./find-baseline.ts";
import { gateCatalog } from "./gate-catalog.ts";
import { clusterOf, RowFacts, sliceFields } from "./row-facts.ts";

/** What an evaluation knows of its gates before it begins. */
export interface GatePlan {
  readonly gates: readonly Gate[];
  readonly baseline?: Baseline;
  /** Filled while rows pass by; absent where no gate asks for more than scores. */
  readonly facts?: RowFacts;
}

/** @throws {AssayError} `invalid-argument` for gates, or a combination of options, that cannot be. */
export function readGates(options: EvaluateOptions): Gate[] {
  const { gates, budget, strict, guarantee } = options;
  if (budget !== undefined && budget !== "adaptive") {
    throw new AssayError("invalid-argument", `Expected budget to be "adaptive", got "${budget}"`);
  }
  if (guarantee !== undefined && guarantee !== "exact" && guarantee !== "standard") {
    throw new AssayError(
      "invalid-argument",
      `Expected guarantee to be "standard" or "exact", got "${guarantee}"`,
    );
  }
  if (budget === "adaptive" && strict === true) {
    throw new AssayError(
      "invalid-argument",
      "An adaptive budget decides about these rows, and strict is about all rows of their kind: use one of them",
    );
  }
  if (options.shard !== undefined && (budget === "adaptive" || options.baseline !== undefined)) {
    throw new AssayError(
      "invalid-argument",
      "A shard is part of the rows and decides no gate; give budget and baseline to one run, or baseline to assay merge",
    );
  }
  if (budget === "adaptive" && (options.shared || options.worker)) {
    throw new AssayError(
      "invalid-argument",
      "An adaptive budget is kept by one process, which looks at every row; leave shared (--shared, --worker) out",
    );
  }
  const read = [gates ?? []].flat().map(parseGate);
  if (budget === "adaptive" && read.length === 0) {
    throw new AssayError(
      "invalid-argument",
      "An adaptive budget stops when every gate is certain, and there is none; add a gate (--gate)",
    );
  }
  if (guarantee === "exact" && needsBaseline(read)) {
    throw new AssayError(
      "invalid-argument",
      'guarantee "exact" has no intervals for comparisons with a baseline; decide those by themselves, without it',
    );
  }
  return read;
}

/** What gates of an evaluation can name. */
export function catalogOf(
  scorers: readonly Scorer[],
  options: EvaluateOptions,
  hasModel: boolean,
): GateCatalog {
  // Outputs made beforehand say nothing of how long they took.
  const others = [...(hasModel ? Object.values(LATENCY_METRICS) : []), COST_METRIC];
  return gateCatalog(
    scorers.map((scorer) => ({
      scorer: scorer.scorer,
      declared: [
        ...metricKeys(scorer).map(({ key, alias, aggregation }) =>
          withoutAbsent({
            key,
            alias,
            aggregation: typeof aggregation === "string" ? aggregation : undefined,
          }),
        ),
        ...[...reducedKeys(scorer, options), ...partKeys(scorer)].map(({ key }) => ({ key })),
        ...[...(scorer.scorer.corpus?.keys ?? []), ...columnKeys(scorer)].map((key) => ({ key })),
      ],
    })),
    others,
  );
}

/** @throws {AssayError} `invalid-argument` naming the gate that cannot be. */
export function checkPlannedGates(
  gates: readonly Gate[],
  scorers: readonly Scorer[],
  options: EvaluateOptions,
  { hasModel, rows }: { readonly hasModel: boolean; readonly rows: number | undefined },
): void {
  // A shard has part of the rows that its gates are about, as a first try on a few of them has.
  const { shard, limit, sample } = options;
  const isPart = (shard ?? limit ?? sample) !== undefined;
  const all = isPart ? undefined : rows;
  const planned = withoutAbsent({ trials: options.trials ?? 1, rows: all });
  checkGates(gates, catalogOf(scorers, options, hasModel), planned);
}

/** What tells the rows of a plan from others. */
interface Digests {
  readonly digest: string | undefined;
  readonly unorderedDigest: string | undefined;
}

/** What the data of a plan is called, and by what it is told apart. */
export function dataOf(source: RowSource, digests: Digests): BaselineData {
  return withoutAbsent({ name: source.name, ...digests, version: source.registered?.version });
}

/**
 * Finds the baseline, and reads the rows where gates speak of parts of them, so that whatever cannot be
 * decided is known before anything is paid for.
 */
export async function planGates(
  gates: readonly Gate[],
  {
    scorers,
    source,
    digests,
    first,
    options,
    name,
    hasModel,
  }: {
    readonly scorers: readonly Scorer[];
    readonly source: RowSource;
    readonly digests: Digests;
    readonly first: Row;
    readonly options: EvaluateOptions;
    readonly name: string;
    readonly hasModel: boolean;
  },
  store: () => Promise<TrackingStore>,
): Promise<GatePlan> {
  const { baseline: wanted, allowMismatch } = options;
  if (wanted !== undefined && !needsBaseline(gates)) {
    throw new AssayError(
      "invalid-argument",
      `A baseline is given (${wanted}), and no gate compares with it; add one, e.g. --gate "<metric> >= baseline"`,
    );
  }
  const baseline =
    wanted === undefined ? undefined : await findBaseline(wanted, { store, options, name });
  const catalog = catalogOf(scorers, options, hasModel);
  if (options.shard !== undefined) return { gates };
  checkBaseline(gates, baseline, { data: dataOf(source, digests), catalog }, allowMismatch);
  await checkBaselineScores(gates, baseline, catalog);
  const fields = sliceFields(gates);
  const needsFacts = gates.length > 0 && (fields.length > 0 || clusterOf(first) !== undefined);
  const facts = needsFacts ? new RowFacts(fields) : undefined;
  if (fields.length > 0 && facts !== undefined && source.isRepeatable) {
    for await (const row of source.rows()) facts.add(row);
    facts.check(gates);
    for (const gate of gates) {
      if (gate.kind !== "rows" || gate.slice === undefined) continue;
      checkRowCount(gate, facts.ordinalsOf(gate.slice).size);
    }
  }
  const candidate = { data: dataOf(source, digests), catalog };
  const told = baseline && withMismatches(baseline, candidate);
  return withoutAbsent({ gates, baseline: told, facts });
}
