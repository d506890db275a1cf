import { type GateResult, type ResultRow, verdictNumber } from "../../core/index.ts";
import {
  baselineValue,
  findMetric,
  findScorer,
  type Gate,
  refused,
  type SequentialGate,
  sequentialMeanGate,
  sequentialRowsGate,
} from "../../gates/index.ts";
import { catalogOf } from "../gating/plan-gates.ts";
import type { Plan } from "../plan.ts";
import type { TrialContext } from "../predict.ts";
import type { TrialEnds } from "../run-trials.ts";
import type { Stop } from "../stop-signal.ts";

/** A gate with the rows that it is about. */
interface Watched {
  readonly gate: Gate;
  /** Key of the scorer whose scores it looks at. */
  readonly scorer: string;
  /** Absent for all rows. */
  readonly ordinals?: ReadonlySet<number>;
  readonly test: SequentialGate;
}

/** Rows that are read from the store at once. */
const BATCH = 100;

/**
 * Looks at rows in the order that the seed decides, as far as all before them are committed, and stops the
 * run when every gate is certain. Which rows finish first is no matter: the verdict is that of the order.
 */
export class AdaptiveBudget implements TrialEnds {
  readonly #context: TrialContext;
  readonly #watched: readonly Watched[];
  /** Place of each row in the order. */
  readonly #places: ReadonlyMap<number, number>;
  readonly #order: readonly number[];
  readonly #stop: Stop;
  readonly #results = new Map<number, ResultRow[]>();
  #fresh = new Set<number>();
  #prefix = 0;
  #reading: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  /** @param order - Ordinals of all rows, in the order in which they are taken. */
  private constructor(
    context: TrialContext,
    watched: readonly Watched[],
    order: readonly number[],
    stop: Stop,
  ) {
    this.#context = context;
    this.#watched = watched;
    this.#order = order;
    this.#places = new Map(order.map((ordinal, place) => [ordinal, place]));
    this.#stop = stop;
  }

  /** Begins with what is committed already. */
  static async begin(
    context: TrialContext,
    order: readonly number[],
    stop: Stop,
  ): Promise<AdaptiveBudget> {
    const watched = await watchedGates(context.plan, order);
    const budget = new AdaptiveBudget(context, watched, order, stop);
    const { store, runId } = context;
    for await (const row of store.results.listResults(runId)) budget.#keep(row);
    budget.#look();
    return budget;
  }

  /** Whether every gate is certain. */
  get isCertain(): boolean {
    return this.#watched.every(({ test }) => test.verdict !== undefined);
  }

  done(ordinal: number): void {
    this.#fresh.add(ordinal);
    this.#start();
  }

  contested(ordinal: number): void {
    this.done(ordinal);
  }

  /** Resolves when everything that was committed has been looked at. @throws what the store failed with. */
  async settled(): Promise<void> {
    const isOpen = () => this.#failure === undefined && !this.isCertain && this.#fresh.size > 0;
    while (this.#reading !== undefined || isOpen()) {
      this.#start();
      await this.#reading;
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** The results of the gates, once all are certain. @param estimates - By gate, where all rows were judged. */
  results(estimates?: readonly GateResult[]): GateResult[] | undefined {
    if (!this.isCertain) return undefined;
    return this.#watched.map(
      ({ test }, index) => test.result(estimates?.[index]?.estimate) as GateResult,
    );
  }

  #start(): void {
    // Cleared in a later turn: a reading that has nothing to do ends before it is assigned.
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
  }

  async #read(): Promise<void> {
    try {
      while (this.#fresh.size > 0 && !this.isCertain) {
        const ordinals = [...this.#fresh].slice(0, BATCH);
        for (const ordinal of ordinals) this.#fresh.delete(ordinal);
        const { store, runId } = this.#context;
        for (const ordinal of ordinals) this.#results.delete(ordinal);
        for await (const row of store.results.listResults(runId, { ordinals })) this.#keep(row);
        this.#look();
      }
    } catch (error) {
      this.#failure ??= { error };
      this.#stop.now();
    }
  }

  #keep(row: ResultRow): void {
    const place = this.#places.get(row.ordinal);
    if (place === undefined || place < this.#prefix) return;
    const known = this.#results.get(row.ordinal);
    if (known === undefined) this.#results.set(row.ordinal, [row]);
    else known.push(row);
  }

  /** Takes the rows that are whole, as far as no gap is before them. */
  #look(): void {
    while (this.#prefix < this.#order.length && !this.isCertain) {
      const ordinal = this.#order[this.#prefix] as number;
      const rows = this.#results.get(ordinal);
      if (rows === undefined || !this.#isWhole(rows)) break;
      for (const watched of this.#watched) addTo(watched, ordinal, rows);
      this.#results.delete(ordinal);
      this.#prefix += 1;
    }
    if (this.isCertain) this.#stop.now();
  }

  /** All trials are there, each with a verdict of every scorer that a gate looks at. */
  #isWhole(rows: readonly ResultRow[]): boolean {
    const isJudged = (row: ResultRow) =>
      this.#watched.every(({ scorer }) => row.scores[scorer] !== undefined);
    return rows.length === this.#context.plan.trials && rows.every(isJudged);
  }
}

function addTo(
  { gate, scorer, ordinals, test }: Watched,
  ordinal: number,
  rows: readonly ResultRow[],
): void {
  if (ordinals !== undefined && !ordinals.has(ordinal)) return;
  const isWord = gate.kind === "rows" && typeof gate.value === "string";
  const trials = rows.flatMap(({ scores }): (number | string)[] => {
    const score = scores[scorer];
    if (score?.kind !== "scored") return [];
    if (isWord) return [String(score.value)];
    const value = verdictNumber(score.value);
    return value === undefined ? [] : [value];
  });
  test.add({ rowKey: rows[0]?.rowKey ?? "", trials });
}

/** @throws {AssayError} `invalid-argument` for a gate that cannot be decided early. */
async function watchedGates(plan: Plan, order: readonly number[]): Promise<Watched[]> {
  const { gates, scorers, options, predictor, trials, facts, baseline } = plan;
  const catalog = catalogOf(scorers, options, predictor !== undefined);
  const watched: Watched[] = [];
  for (const gate of gates) {
    const ordinals = gate.slice && facts?.ordinalsOf(gate.slice);
    const n = ordinals?.size ?? order.length;
    const about = ordinals === undefined ? {} : { ordinals };
    if (gate.kind === "rows") {
      const { key } = findScorer(catalog, gate);
      watched.push({ gate, scorer: key, ...about, test: sequentialRowsGate(gate, n, trials) });
      continue;
    }
    const metric = findMetric(catalog, gate);
    const { scorer, aggregation } = metric;
    if (scorer === undefined || aggregation !== "mean") {
      throw refused(gate.text, "only means of scores, and rows, are");
    }
    const value = baseline && baselineValue(baseline, metric);
    const before =
      gate.bound.kind === "baseline" && baseline !== undefined && value !== undefined
        ? { rows: await baseline.rows(scorer.key), value }
        : undefined;
    const test = sequentialMeanGate(gate, n, trials, scorer.scale, before);
    watched.push({ gate, scorer: scorer.key, ...about, test });
  }
  return watched;
}

/** @throws {AssayError} `invalid-argument` before anything is paid for, for gates that cannot be decided early. */
export async function checkAdaptive(plan: Plan): Promise<void> {
  await watchedGates(plan, [0]);
}
