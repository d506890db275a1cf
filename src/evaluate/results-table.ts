import {
  type JsonValue,
  type ResultRow,
  type Score,
  scorerKey,
  verdictNumber,
} from "../core/index.ts";
import type { Plan } from "./plan.ts";

/** MLflow's name of the table; the artifact is `<name>.json`. */
export const RESULTS_TABLE = "eval_results_table";

/** Rows of the artifact, unless another number is asked for: pandas holds it in memory whole. */
export const DEFAULT_TABLE_ROWS = 100_000;

/** Rows that are written at once. */
const CHUNK = 256;

/** One result under the names of MLflow's columns; a value that is not there is absent. */
export type TableRecord = { readonly [column: string]: JsonValue };

/** The names of a scorer's columns. */
interface ScorerColumns {
  readonly key: string;
  readonly score: string;
  readonly justification: string;
}

/** MLflow gives these per row under their bare name. */
const BARE = ["token_count"];

/**
 * Results as rows of MLflow's `eval_results_table`: the inputs by name, the target, the outputs, and of
 * each scorer `relevance/v1/score` and `relevance/v1/justification`; other expectations as
 * `expectations.<name>`. An input with the name of another column stands as `inputs.<name>`.
 */
export class ResultsTable {
  readonly #scorers: readonly ScorerColumns[];
  readonly #target: string;
  readonly #outputs: string;
  readonly #isRepeated: boolean;
  readonly #taken: ReadonlySet<string>;
  /** Whether {@link content} broke off at a row with a column that {@link add} had not seen. */
  isOutgrown = false;
  /** In the order of their first row, by group. */
  readonly #inputs = new Set<string>();
  readonly #others = new Set<string>();

  constructor(plan: Pick<Plan, "scorers" | "options" | "trials">) {
    const { targets, predictions } = plan.options;
    this.#scorers = plan.scorers.map(({ scorer }) => columnsOf(scorerKey(scorer)));
    this.#target = targets ?? "target";
    this.#outputs = (targets !== undefined && predictions) || "outputs";
    this.#isRepeated = plan.trials > 1;
    const scores = this.#scorers.flatMap(({ score, justification }) => [score, justification]);
    this.#taken = new Set([this.#target, this.#outputs, ...scores, "error", "latency", "trial"]);
  }

  /** Notes the columns that a row has; {@link content} needs to know those of all its rows. */
  add(row: ResultRow): void {
    for (const name of Object.keys(row.inputs)) this.#inputs.add(this.#inputColumn(name));
    for (const name of Object.keys(this.#beside(row))) this.#others.add(name);
  }

  record(row: ResultRow): TableRecord {
    const inputs = Object.entries(row.inputs).map(([name, value]) => [
      this.#inputColumn(name),
      value,
    ]);
    return { ...Object.fromEntries(inputs), ...this.#beside(row) };
  }

  /**
   * The file as pandas writes it with `orient="split"`, one row a line.
   *
   * @throws {Error} for a row with a column that was not noted, {@link isOutgrown}.
   */
  async *content(rows: AsyncIterable<ResultRow>): AsyncGenerator<Uint8Array> {
    const columns = [...new Set([...this.#inputs, ...this.#orderedOthers()])];
    const places = new Map(columns.map((column, place) => [column, place]));
    const encoder = new TextEncoder();
    yield encoder.encode(`{"columns":${JSON.stringify(columns)},"data":[`);
    let lines: string[] = [];
    let separator = "\n";
    for await (const row of rows) {
      lines.push(JSON.stringify(this.#cells(row, places)));
      if (lines.length < CHUNK) continue;
      yield encoder.encode(separator + lines.join(",\n"));
      separator = ",\n";
      lines = [];
    }
    if (lines.length > 0) yield encoder.encode(separator + lines.join(",\n"));
    yield encoder.encode("\n]}\n");
  }

  #cells(row: ResultRow, places: ReadonlyMap<string, number>): JsonValue[] {
    const cells = Array<JsonValue>(places.size).fill(null);
    const put = (column: string, value: JsonValue) => {
      const place = places.get(column);
      if (place === undefined) {
        this.isOutgrown = true;
        throw new Error(`a later row has another column, ${column}`);
      }
      cells[place] = value;
    };
    for (const [name, value] of Object.entries(row.inputs)) put(this.#inputColumn(name), value);
    for (const [name, value] of Object.entries(this.#beside(row))) put(name, value);
    return cells;
  }

  /** As MLflow orders them: target, outputs, then scores in the order of the scorers. */
  #orderedOthers(): string[] {
    const first = [this.#target, this.#outputs, "error", "trial", "latency"];
    const scores = this.#scorers.flatMap(({ score, justification }) => [score, justification]);
    const ordered = [...first, ...scores].filter((name) => this.#others.has(name));
    return [...new Set([...this.#others].filter((name) => !this.#taken.has(name))), ...ordered];
  }

  #beside(row: ResultRow): { [column: string]: JsonValue } {
    const columns: { [column: string]: JsonValue } = {};
    for (const [name, value] of Object.entries(row.expectations)) {
      columns[name === "expected_response" ? this.#target : `expectations.${name}`] = value;
    }
    columns[this.#outputs] = row.outputs ?? null;
    if (row.error !== undefined) columns.error = row.error;
    if (this.#isRepeated) columns.trial = row.trial;
    if (row.latencyMs !== undefined) columns.latency = row.latencyMs / 1000;
    for (const scorer of this.#scorers) {
      const score = row.scores[scorer.key];
      if (score === undefined) continue;
      columns[scorer.score] = score.kind === "scored" ? wordOrNumber(score) : null;
      const said = score.kind === "scored" ? score.rationale : score.detail;
      if (said !== undefined) columns[scorer.justification] = said;
    }
    return columns;
  }

  #inputColumn(name: string): string {
    return this.#taken.has(name) ? `inputs.${name}` : name;
  }
}

function columnsOf(key: string): ScorerColumns {
  const name = key.split("/")[0] as string;
  const score = BARE.includes(name) ? name : `${key}/score`;
  return { key, score, justification: `${key}/justification` };
}

/** Yes and no as numbers, as in the means; other words as they are. */
function wordOrNumber({ value }: Extract<Score, { kind: "scored" }>): JsonValue {
  return verdictNumber(value) ?? value;
}
