import { sql } from "kysely";
import { AssayError } from "../../../core/index.ts";
import type { TraceSearchQuery } from "../../ports/index.ts";
import {
  decodePageToken,
  type Filter,
  type OrderTerm,
  parseFilter,
  parseOrderBy,
  queryFingerprint,
  type SearchTarget,
  totalOrder,
} from "../../search/index.ts";
import type { SqlExpressions } from "../engine.ts";
import { experimentNumbers } from "../experiments/experiment-numbers.ts";
import { compileFilter } from "./compile-filter.ts";
import type { Compiled } from "./condition.ts";
import { fits, type OrderValue, orderColumn } from "./order-columns.ts";
import type { Condition, SearchTable } from "./search-table.ts";
import { SEARCH_TABLES } from "./tables.ts";

/** A query, checked and ready to run. */
export interface Search {
  readonly target: SearchTarget;
  readonly table: SearchTable;
  readonly scope: readonly Condition[];
  readonly filter: Compiled | undefined;
  /** Total: no two rows are equal in it. */
  readonly order: readonly OrderTerm[];
  /** Whether that is the order of an index over the whole scope. */
  readonly isByTime: boolean;
  /** Rows per page. */
  readonly limit: number;
  /** Of the last row of the page before, one value per term. */
  readonly after: readonly OrderValue[] | undefined;
  readonly fingerprint: string;
}

/**
 * @throws {AssayError} `invalid-argument` for a filter or an order that cannot be read, a page size out
 *   of bounds, and a token of another query.
 */
export function prepareSearch(
  expressions: SqlExpressions,
  target: SearchTarget,
  query: TraceSearchQuery,
): Search {
  const table = SEARCH_TABLES[target] as SearchTable;
  const { experimentIds, lifecycle = "active" } = query;
  const filter = ofRun(query.runId, parseFilter(target, query.filter));
  const order = totalOrder(target, parseOrderBy(target, query.orderBy ?? []));
  const limit = checkedLimit(query.maxResults ?? table.defaultLimit, table.maxLimit);
  const experiments = experimentIds && experimentNumbers([...new Set(experimentIds)]);
  const scope = table.scope(expressions, { lifecycle, ...(experiments && { experiments }) });
  const fingerprint = queryFingerprint({
    target,
    filter,
    order,
    scope: { lifecycle, experiments: experiments?.toSorted((a, b) => a - b) ?? null },
  });
  const indexScope = experiments === undefined ? [IN_ANY_EXPERIMENT, ...scope] : scope;
  const compiled = filter && compileFilter({ expressions, table, indexScope }, filter);
  const isByTime = (query.orderBy ?? []).length === 0;
  const search = { target, table, scope, filter: compiled, order, isByTime, limit, fingerprint };
  return {
    ...search,
    after: query.pageToken === undefined ? undefined : afterOf(search, query.pageToken),
  };
}

const IN_ANY_EXPERIMENT = sql<boolean>`t.experiment_id in (select experiment_id from experiments)`;

/** What is of the run, of what the filter lets through. */
function ofRun(runId: string | undefined, filter: Filter | undefined): Filter | undefined {
  if (runId === undefined) return filter;
  const field = { entity: "attribute", key: "run_id" } as const;
  const isOwn: Filter = { kind: "comparison", field, test: { operator: "=", value: runId } };
  return filter === undefined ? isOwn : { kind: "and", filters: [isOwn, filter] };
}

function checkedLimit(limit: number, max: number): number {
  const reason =
    !Number.isInteger(limit) || limit < 1
      ? "It must be a positive integer"
      : limit > max
        ? `It must be at most ${max}`
        : undefined;
  if (reason === undefined) return limit;
  throw new AssayError(
    "invalid-argument",
    `Invalid value ${limit} for parameter 'max_results' supplied. ${reason}`,
  );
}

function afterOf(
  { table, order, fingerprint }: Pick<Search, "table" | "order" | "fingerprint">,
  token: string,
): readonly OrderValue[] {
  const { after } = decodePageToken(token, fingerprint);
  const columns = order.map((term) => orderColumn(table, term));
  const isWhole =
    after.length === columns.length &&
    columns.every((column, at) => fits(column, after[at] ?? null));
  if (isWhole) return after;
  throw new AssayError(
    "invalid-argument",
    "Expected the page token that the previous page came with, found one that was changed. Pass it on unchanged, or leave it out to start with the first page.",
  );
}
