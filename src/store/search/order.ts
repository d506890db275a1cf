import type { OrderField, OrderTerm, SearchTarget } from "./filter.ts";
import { takeField } from "./resolve-field.ts";
import { TokenCursor } from "./token-cursor.ts";

const ORDERABLE: readonly string[] = ["attribute", "metric", "param", "tag", "metadata"];

/**
 * Parses clauses of the form `<field> [ASC|DESC]`, ascending unless said.
 *
 * @throws {AssayError} `invalid-argument` with the clause, the position in it, what was found and
 * expected; also for a field that an earlier clause names.
 */
export function parseOrderBy<Target extends SearchTarget>(
  target: Target,
  clauses: readonly string[],
): readonly OrderTerm<Target>[] {
  const terms: OrderTerm[] = [];
  for (const [index, text] of clauses.entries()) {
    const cursor = new TokenCursor({ name: `order_by clause ${index + 1}`, text });
    const start = cursor.current;
    const term = takeTerm(cursor, target);
    if (terms.some(({ field }) => isSameField(field, term.field))) {
      throw cursor.failure(
        "each field once",
        "Remove this clause, the field has one before",
        start,
      );
    }
    terms.push(term);
  }
  // Fields come from the vocabulary of `target`, which the compiler cannot follow through the parser.
  return terms as OrderTerm<SearchTarget>[] as OrderTerm<Target>[];
}

function takeTerm(cursor: TokenCursor, target: SearchTarget): OrderTerm {
  const start = cursor.current;
  const { field, label } = takeField(cursor, target);
  if (!ORDERABLE.includes(field.entity)) {
    throw cursor.failure(`something ${target} can be ordered by, not ${label}`, undefined, start);
  }
  const descending = cursor.takeKeyword("DESC");
  if (!descending) cursor.takeKeyword("ASC");
  if (cursor.current.kind !== "end") throw cursor.failure("ASC, DESC or the end of the clause");
  return { field: field as OrderField, descending };
}

/**
 * The order of each target when none is asked for, MLflow's. Its last field is unique, so that it
 * makes any order total.
 */
export const DEFAULT_ORDER: {
  readonly [Target in SearchTarget]: readonly OrderTerm<Target>[];
} = {
  runs: [
    { field: { entity: "attribute", key: "start_time" }, descending: true },
    { field: { entity: "attribute", key: "run_id" }, descending: false },
  ],
  experiments: [
    { field: { entity: "attribute", key: "creation_time" }, descending: true },
    { field: { entity: "attribute", key: "experiment_id" }, descending: false },
  ],
  traces: [
    { field: { entity: "attribute", key: "timestamp_ms" }, descending: true },
    { field: { entity: "attribute", key: "trace_id" }, descending: false },
  ],
  "logged-models": [
    { field: { entity: "attribute", key: "creation_timestamp" }, descending: true },
    { field: { entity: "attribute", key: "model_id" }, descending: false },
  ],
  datasets: [
    { field: { entity: "attribute", key: "created_time" }, descending: true },
    { field: { entity: "attribute", key: "dataset_id" }, descending: true },
  ],
};

/**
 * The terms and behind them what is missing of the default order: no two rows are equal in it.
 * Terms behind a unique field change nothing and are left out.
 */
export function totalOrder<Target extends SearchTarget>(
  target: Target,
  terms: readonly OrderTerm<Target>[],
): readonly OrderTerm<Target>[] {
  const fallback: readonly OrderTerm<Target>[] = DEFAULT_ORDER[target];
  const missing = fallback.filter(
    ({ field }) => !terms.some((term) => isSameField(term.field, field)),
  );
  const all = [...terms, ...missing];
  const unique = fallback.at(-1);
  const end = all.findIndex(({ field }) => unique && isSameField(field, unique.field));
  return all.slice(0, end + 1);
}

function isSameField(a: OrderField, b: OrderField): boolean {
  return a.entity === b.entity && a.key === b.key;
}
