import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import type { SearchQuery, TrackingStore } from "../../src/store/index.ts";
import { openStore } from "../../src/store/index.ts";
import type { SearchTarget } from "../../src/store/search/index.ts";
import type { SqlEngine } from "../../src/store/sql/engine.ts";
import { type Path, pathWhere } from "../../src/store/sql/search/paths.ts";
import { prepareSearch, type Search } from "../../src/store/sql/search/prepare.ts";
import { isInWindows, scanFilter } from "../../src/store/sql/search/scan.ts";
import {
  segmentStatement,
  segmentsOf,
  windowStatement,
} from "../../src/store/sql/search/statements.ts";
import { SqliteConnection } from "../../src/store/sql/sqlite/connection.ts";
import { engineOn } from "../../src/store/sql/sqlite/open.ts";
import { givenRuns } from "../../src/testing/conformance/search-fixture.ts";
import { tempFolder } from "./temp-folder.ts";

/** What counts as few in these tests: of the five runs and traces there are, one does and five do not. */
const FEW = 2;

interface Database5 {
  readonly path: string;
  readonly experimentId: string;
}

async function seededDatabase(): Promise<Database5> {
  const path = join(tempFolder(), "assay.db");
  const store = await openStore(`sqlite:///${path}`);
  const names = ["a", "b", "c", "d", "e"];
  const runs = names.map((name, at) => [
    name,
    {
      params: { common: "x", [`only-${name}`]: name },
      tags: { common: "x", [`only-${name}`]: name },
      metrics: { m: at },
    },
  ]);
  const experimentId = await givenRuns(store, Object.fromEntries(runs));
  for (const [at, name] of names.entries()) await givenTrace(store, experimentId, name, at);
  await store.close();
  return { path, experimentId };
}

async function givenTrace(store: TrackingStore, experimentId: string, name: string, at: number) {
  const id = String(at).repeat(32);
  const isOdd = at === 3;
  const times = { startNs: 1n, endNs: 2n, attributes: {}, events: [] };
  await store.traces.writeTrace(
    {
      traceId: `tr-${id}`,
      experimentId,
      name,
      state: isOdd ? "ERROR" : "OK",
      startTime: 1000 + at,
      clientRequestId: `req-${name}`,
      tags: { common: "x", [`only-${name}`]: name },
      metadata: { "mlflow.trace.session": name },
      spanCount: 2,
    },
    [
      {
        ...times,
        traceId: id,
        spanId: "1".repeat(16),
        name: "common",
        type: "CHAIN",
        status: "OK",
      },
      {
        ...times,
        traceId: id,
        spanId: "2".repeat(16),
        name: isOdd ? "rare" : "usual",
        type: isOdd ? "TOOL" : "LLM",
        status: isOdd ? "ERROR" : "OK",
      },
    ],
  );
}

/** Opens the database without what `drop` names, hands over its engine and closes it. */
async function withEngine<T>(
  { path }: Database5,
  work: (engine: SqlEngine) => Promise<T>,
): Promise<T> {
  const engine = await engineOn(new SqliteConnection(path));
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

function firstStatement(engine: SqlEngine, search: Search, path: Path) {
  const isScan = isInWindows(engine, search, path);
  const [segment] = segmentsOf(isScan ? { ...search, filter: scanFilter(search) } : search, path);
  if (segment === undefined) throw new Error("Expected a segment");
  return isScan
    ? windowStatement(search, segment, { after: search.after, size: 200 }, 101)
    : segmentStatement(search, segment, search.after, 101);
}

/** The steps of SQLite's plan for the first statement of a search's first page. */
async function planOf(
  database: Database5,
  target: SearchTarget,
  query: SearchQuery,
): Promise<string> {
  return withEngine(database, async (engine) => {
    const scope = { experimentIds: [database.experimentId] };
    const search = prepareSearch(engine.expressions, target, { ...scope, ...query });
    const path = await pathWhere(FEW, engine, search);
    const compiled = firstStatement(engine, search, path).compile(engine.reads);
    const connection = new Database(database.path);
    try {
      connection.pragma("case_sensitive_like = ON");
      for (const name of ["assay_fold", "regexp"])
        connection.function(name, { varargs: true }, () => 1);
      return connection
        .prepare<unknown[], { detail: string }>(`explain query plan ${compiled.sql}`)
        .all(...compiled.parameters)
        .map(({ detail }) => detail)
        .join("\n");
    } finally {
      connection.close();
    }
  });
}

interface Promised {
  readonly target: SearchTarget;
  readonly query: SearchQuery;
  readonly index: string;
  /** Rows come in the wanted order, none is read in vain and nothing is sorted. */
  readonly inOrder?: true;
}

const runs = (query: SearchQuery, index: string, inOrder?: true): Promised => ({
  target: "runs",
  query,
  index,
  ...(inOrder && { inOrder }),
});

const traces = (query: SearchQuery, index: string, inOrder?: true): Promised => ({
  ...runs(query, index, inOrder),
  target: "traces",
});

const PROMISED: { readonly [what: string]: Promised } = {
  "the latest runs of an experiment": runs({}, "runs_in_order", true),
  "the latest runs of all": runs({ experimentIds: undefined } as never, "runs_by_time", true),
  "runs in a range of time": runs({ filter: "start_time > 5" }, "runs_in_order", true),
  "runs with a frequent param": runs({ filter: "params.common = 'x'" }, "runs_in_order", true),
  "runs with a rare param": runs({ filter: "params.`only-a` = 'a'" }, "run_params_by_value"),
  "runs with one of some rare params": runs(
    { filter: "params.`only-a` IN ('a', 'b')" },
    "run_params_by_value",
  ),
  "runs with a frequent tag": runs({ filter: "tags.common = 'x'" }, "runs_in_order", true),
  "runs with a rare tag": runs({ filter: "tags.`only-b` = 'b'" }, "run_tags_by_value"),
  "runs with a metric many have": runs({ filter: "metrics.m > 1" }, "runs_in_order", true),
  "runs with a metric few have": runs(
    { filter: "metrics.m > 3" },
    "run_latest_metrics_by_value (key=? AND is_nan=? AND value>?)",
  ),
  "a frequent param and a rare metric": runs(
    { filter: "params.common = 'x' AND metrics.m > 3" },
    "run_latest_metrics_by_value (key=? AND is_nan=? AND value>?)",
  ),
  "a rare param or a rare metric": runs(
    { filter: "params.`only-a` = 'a' OR metrics.m > 3" },
    "run_latest_metrics_by_value (key=? AND is_nan=? AND value>?)",
  ),
  "the best runs by a metric": runs(
    { orderBy: ["metrics.m DESC"] },
    "run_latest_metrics_by_value (key=? AND is_nan=?)",
  ),
  "the best runs with a frequent param": runs(
    { orderBy: ["metrics.m"], filter: "params.common = 'x'" },
    "run_latest_metrics_by_value (key=? AND is_nan=?)",
  ),
  "runs of a status": runs({ filter: "status = 'FAILED'" }, "runs_by_status", true),
  "runs of a name": runs({ filter: "run_name = 'a'" }, "runs_by_name"),
  "runs whose name starts so": runs({ filter: "run_name LIKE 'a%'" }, "runs_by_name"),
  "runs whose name may start so": runs({ filter: "run_name LIKE '%'" }, "runs_in_order", true),
  "the latest traces of an experiment": traces({}, "traces_in_order", true),
  "the latest traces of all": traces({ experimentIds: undefined } as never, "traces_by_time", true),
  "traces in a range of time": traces(
    { filter: "timestamp_ms > 1001" },
    "traces_in_order (experiment_id=? AND start_time>?)",
    true,
  ),
  "traces of a status": traces({ filter: "status = 'ERROR'" }, "traces_by_state", true),
  "traces with a rare span": traces({ filter: "span.name = 'rare'" }, "spans_by_name"),
  "traces with a frequent span": traces(
    { filter: "span.name = 'common'" },
    "traces_in_order",
    true,
  ),
  "traces with a failed span": traces({ filter: "span.status = 'ERROR'" }, "spans_by_status"),
  "traces with a rare type of span": traces(
    { filter: "span.type = 'TOOL'" },
    "spans_by_status (status=? AND type=?)",
  ),
  "traces with a failed span of a type": traces(
    { filter: "span.type = 'TOOL' AND span.status = 'ERROR'" },
    "spans_by_status (status=? AND type=?)",
  ),
  "traces with a rare tag": traces({ filter: "tags.`only-c` = 'c'" }, "trace_tags_by_value"),
  "traces with a frequent tag": traces({ filter: "tags.common = 'x'" }, "traces_in_order", true),
  "traces of a session": traces({ filter: "session = 'a'" }, "trace_metadata_by_value"),
  "traces with feedback": traces(
    { filter: "feedback.relevance < 3" },
    "assessments_by_name (name=? AND number<?)",
  ),
  "the trace of a request": traces(
    { filter: "client_request_id = 'req-a'" },
    "traces_by_client_request",
  ),
  "traces of a run": traces({ filter: "run_id = 'r'" }, "traces_by_run"),
  "traces whose text is like that": traces({ filter: "text LIKE '%x%'" }, "traces_in_order", true),
};

const isPromised = (plan: string, { index, inOrder }: Promised) =>
  plan.includes(index) &&
  !/SCAN t\b(?! USING (?:COVERING )?INDEX)/.test(plan) &&
  !(inOrder && /TEMP B-TREE/.test(plan));

test("every promised search reads its index, in order where that is promised", async () => {
  const database = await seededDatabase();
  const broken: unknown[] = [];
  for (const [what, promised] of Object.entries(PROMISED)) {
    const plan = await planOf(database, promised.target, promised.query);
    if (!isPromised(plan, promised)) broken.push([what, promised.index, plan]);
  }
  expect(broken).toEqual([]);
});

test("without its index, no promised search keeps its plan", async () => {
  const kept: unknown[] = [];
  const byIndex = Map.groupBy(
    Object.entries(PROMISED),
    ([, { index }]) => index.split(" ")[0] ?? "",
  );
  expect(byIndex.size).toBeGreaterThan(12);
  for (const [index, searches] of byIndex) {
    const database = await seededDatabase();
    const connection = new Database(database.path);
    connection.exec(`drop index ${index}`);
    connection.close();
    for (const [what, promised] of searches) {
      const plan = await planOf(database, promised.target, promised.query);
      if (isPromised(plan, promised)) kept.push([what, index, plan]);
    }
  }
  expect(kept).toEqual([]);
});

test("what a row is tested for is looked up by that row", async () => {
  const database = await seededDatabase();
  const rare = "params.`only-a` = 'a' AND";
  const filters: readonly (readonly [SearchTarget, string])[] = [
    ["runs", `${rare} metrics.m > 0`],
    ["runs", `${rare} metrics.m = 1`],
    ["runs", `${rare} params.common = 'x' AND tags.common LIKE 'x%'`],
    ["runs", "metrics.m > 0 AND params.common != 'x'"],
    ["runs", `${rare} NOT metrics.m < 3`],
    ["traces", "span.name = 'common' AND span.status = 'OK'"],
    ["traces", "span.status = 'OK'"],
    ["traces", "span.type IN ('CHAIN', 'LLM') AND span.name LIKE 'u%'"],
    ["traces", "tags.common = 'x' AND session != 'z'"],
    ["traces", "NOT feedback.relevance >= 3"],
    ["traces", "NOT feedback.relevance = 'yes' AND expectation.answer IS NULL"],
  ];
  for (const [target, filter] of filters) {
    const plan = await planOf(database, target, { filter });
    const lookUps = plan.split("\n").filter((step) => /^SEARCH (e EXISTS|e|r|s|c)\b/.test(step));
    const tests = plan.includes("CO-ROUTINE few") ? lookUps.slice(1) : lookUps;
    expect(tests.length).toBeGreaterThan(0);
    const byOther = tests.filter((step) => !/\b(run|trace|trace_id|result_id|rowid)=\?/.test(step));
    expect([filter, byOther]).toEqual([filter, []]);
  }
});

test("a search by a metric sorts only what is equal in it", async () => {
  const database = await seededDatabase();
  const plan = await planOf(database, "runs", { orderBy: ["metrics.m DESC"] });
  expect(plan).toContain("USE TEMP B-TREE FOR LAST 2 TERMS OF ORDER BY");
});
