// Searches in 100 000 runs (20 metrics, 5 params and 5 tags each) and 1 000 000 spans (200 000 traces) on
// SQLite. Uses the built package.
//
//   npm run bench -- store            node test/bench/store-search.mjs [runs] [traces]
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openStore } from "assay/store";
import Database from "better-sqlite3";

const TIMES = 25;
const START = 1_795_000_000_000;
const METRICS = 20;

/** A generator of numbers in [0, 1), the same in every process (mulberry32). */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const hex = (number, digits) => Math.floor(number).toString(16).padStart(digits, "0");

/** Fills tables directly; their indexes are made afterwards, which is ten times faster. */
function fill(path, work) {
  const database = new Database(path);
  database.pragma("synchronous = OFF");
  const indexes = database
    .prepare("select name, sql from sqlite_master where type = 'index' and sql is not null")
    .all();
  for (const { name } of indexes) database.exec(`drop index ${name}`);
  const insert = (table, columns) =>
    database.prepare(
      `insert into ${table} (${columns}) values (${columns.split(",").map(() => "?")})`,
    );
  database.transaction(() => work(insert))();
  for (const { sql } of indexes) database.exec(sql);
  database.pragma("wal_checkpoint(TRUNCATE)");
  database.close();
}

function fillRuns(insert, experiment, count) {
  const random = randomNumbers(1);
  const addRun = insert(
    "runs",
    "id,run_id,experiment_id,name,status,start_time,end_time,artifact_uri,lifecycle_stage",
  );
  const addLatest = insert("run_latest_metrics", "run,key,value,is_nan,timestamp,step");
  const addMetric = insert("run_metrics", "run,key,value,is_nan,timestamp,step");
  const addParam = insert("run_params", "run,key,value");
  const addTag = insert("run_tags", "run,key,value");
  for (let run = 1; run <= count; run++) {
    const start = START + run * 10;
    const status = run % 1000 === 0 ? "FAILED" : "FINISHED";
    const name = `run-${String(run).padStart(7, "0")}`;
    const runId = hex(random() * 2 ** 48, 12).padEnd(20, "0") + hex(run, 12);
    addRun.run(run, runId, experiment, name, status, start, start + 5, "file:///a", "active");
    for (let m = 0; m < METRICS; m++) {
      const metric = [run, `metric_${String(m).padStart(2, "0")}`, random(), 0, start, 0];
      addLatest.run(metric);
      addMetric.run(metric);
    }
    addParam.run(run, "batch", String(run % 7));
    addParam.run(run, "id", `config-${Math.floor(run / 20)}`);
    addParam.run(run, "lr", String(random()));
    addParam.run(run, "model", ["small", "medium", "large"][run % 3]);
    addParam.run(
      run,
      "prompt",
      `${"Answer the question as well as you can. ".repeat(8)}${run % 50}`,
    );
    addTag.run(run, "commit", hex(run / 100, 8));
    addTag.run(run, "mlflow.runName", name);
    addTag.run(run, "mlflow.user", `user-${run % 20}`);
    addTag.run(run, "stage", run % 2 ? "dev" : "prod");
    addTag.run(run, "team", run % 5000 === 0 ? "rare" : "common");
  }
}

const SPANS = [
  ["answer question", "CHAIN"],
  ["retrieve documents", "RETRIEVER"],
  ["rerank", "RERANKER"],
  ["chat", "CHAT_MODEL"],
  ["parse answer", "PARSER"],
];

function fillTraces(insert, experiment, count) {
  const random = randomNumbers(2);
  const words = Array.from({ length: 2000 }, () => hex(random() * 2 ** 32, 8).slice(0, 6));
  const text = (length) =>
    Array.from({ length }, () => words[Math.floor(random() * words.length)]).join(" ");
  const addTrace = insert(
    "traces",
    "id,trace_id,experiment_id,name,state,start_time,duration_ms,input_tokens,output_tokens,cost",
  );
  const addSpan = insert(
    "spans",
    "trace,span_id,parent_span_id,name,type,status,start_ns,end_ns,attributes,events,inputs,outputs",
  );
  const addTag = insert("trace_tags", "trace,key,value");
  const addMetadata = insert("trace_metadata", "trace,key,value");
  const addAssessment = insert(
    "assessments",
    "assessment_id,trace,name,kind,value,number,label,source_type,metadata,valid,creation_time,last_update_time",
  );
  const scored = [];
  for (let trace = 1; trace <= count; trace++) {
    const start = START + trace * 10;
    const state = trace % 2000 === 0 ? "ERROR" : "OK";
    const id = `tr-${hex(random() * 2 ** 48, 12).padEnd(20, "0")}${hex(trace, 12)}`;
    addTrace.run(
      trace,
      id,
      experiment,
      "answer question",
      state,
      start,
      random() * 1000,
      9,
      9,
      0.1,
    );
    for (const [at, [name, type]] of SPANS.entries()) {
      const isOdd = trace % 4000 === 0 && at === 4;
      const startNs = BigInt(start) * 1_000_000n + BigInt(at);
      const attributes = '{"gen_ai.request.model":"m-1","assay.step":1}';
      const status = trace % 2000 === 0 && type === "CHAT_MODEL" ? "ERROR" : "OK";
      addSpan.run(
        ...[trace, hex(trace * 5 + at, 16), at ? hex(trace * 5, 16) : null],
        ...[isOdd ? "rare step" : name, type, status, startNs, startNs + 9n, attributes, "[]"],
        ...[`{"question":"${text(12)}"}`, `"${isOdd ? "rare-needle " : ""}${text(12)}"`],
      );
    }
    if (trace % 2) scored.push(id);
    addTag.run(trace, "env", trace % 3 ? "prod" : "dev");
    addMetadata.run(trace, "mlflow.trace.session", `session-${Math.floor(trace / 10)}`);
    if (trace % 5) continue;
    // Of the traces that were judged, a fifth: 1 or 2 for some in a hundred, 3 to 5 for the others.
    const value = random() < 0.03 ? 1 + (trace % 2) : 3 + (trace % 3);
    addAssessment.run(
      ...[`a-${trace}`, trace, "relevance", "feedback", `${value}`, value, `${value}`],
      ...["LLM_JUDGE", "{}", 1, start, start],
    );
  }
  return scored;
}

/** An evaluation, run 1, that has scored half of the traces: 3 in a hundred below 3. */
function fillScores(insert, traceIds) {
  const random = randomNumbers(3);
  insert("scorers", "id,run,key,greater_is_better").run(1, 1, "faithfulness/v1", 1);
  const addResult = insert(
    "results",
    "id,run,ordinal,trial,row_key,inputs,expectations,outputs,trace_id",
  );
  const addScore = insert("scores", "result_id,scorer_id,part,kind,value");
  for (const [at, traceId] of traceIds.entries()) {
    addResult.run(at + 1, 1, at, 0, `row-${at}`, "{}", "{}", '"answer"', traceId);
    addScore.run(at + 1, 1, 0, "n", random() < 0.03 ? 1 : 4);
  }
}

const RUN_SEARCHES = {
  "no filter": {},
  "metric > x, every other run": { filter: "metrics.metric_03 > 0.5" },
  "metric > x, 1 run in 10 000": { filter: "metrics.metric_03 > 0.9999" },
  "metric > x, 1 run in 10": { filter: "metrics.metric_03 > 0.9" },
  "param =, every third run": { filter: "params.model = 'small'" },
  "param =, 20 runs": { filter: "params.id = 'config-77'" },
  "param = of 300 characters": {
    filter: `params.prompt = '${"Answer the question as well as you can. ".repeat(8)}7'`,
  },
  "tag =, nearly every run": { filter: "tags.team = 'common'" },
  "tag =, 1 run in 5000": { filter: "tags.team = 'rare'" },
  "param = and metric > 0.9": { filter: "params.model = 'small' AND metrics.metric_05 > 0.9" },
  "param = or metric > 0.9999": { filter: "params.id = 'config-7' OR metrics.metric_05 > 0.9999" },
  "status =, 1 run in 1000": { filter: "status = 'FAILED'" },
  "name LIKE prefix, 100 runs": { filter: "run_name LIKE 'run-00077%'" },
  "name LIKE prefix, all runs": { filter: "run_name LIKE 'run-%'" },
  "name ILIKE, none (a scan)": { filter: "run_name ILIKE '%nothing%'" },
  "order by metric": { orderBy: ["metrics.metric_07 DESC"] },
  "order by metric, param =": { orderBy: ["metrics.metric_07"], filter: "params.model = 'large'" },
  "order by param (a sort)": { orderBy: ["params.lr"] },
};

const TRACE_SEARCHES = {
  "no filter": {},
  "time range": { filter: `timestamp_ms < ${START + 500_000} AND timestamp_ms > ${START}` },
  "status =, 1 trace in 2000": { filter: "status = 'ERROR'" },
  "span.name =, 1 trace in 4000": { filter: "span.name = 'rare step'" },
  "span.name =, every trace": { filter: "span.name = 'chat'" },
  "span.type and status =": { filter: "span.type = 'CHAT_MODEL' AND span.status = 'ERROR'" },
  "tag =, two traces of three": { filter: "tags.env = 'prod'" },
  "session =, 10 traces": { filter: "session = 'session-777'" },
  "feedback < 3, 1 trace in 170": { filter: "feedback.relevance < 3" },
  "feedback >= 3, 1 trace in 5": { filter: "feedback.relevance >= 3" },
  "score of an evaluation < 3, 1 trace in 67": { filter: "feedback.faithfulness < 3" },
  "text LIKE '%rare%', 50 traces (a scan)": { filter: "trace.text LIKE '%rare-needle%'", n: 20 },
  "text LIKE, frequent": { filter: "trace.text LIKE '%question%'" },
};

async function time(report, what, size, search, n = TIMES) {
  await search();
  const times = [];
  for (let i = 0; i < n; i++) {
    const started = performance.now();
    await search();
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  report(`${what}, p50`, size, times[Math.floor(n * 0.5)], "ms");
  report(`${what}, p95`, size, times[Math.floor(n * 0.95)], "ms");
}

/** @param report - `(what, n, value, unit)`, called once per measurement. */
export async function benchSearch(report, { runs = 100_000, traces = 200_000 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "assay-bench-search-"));
  const path = join(folder, "assay.db");
  const store = await openStore(`sqlite:///${path}`);
  try {
    const { experimentId } = await store.experiments.createExperiment("bench");
    fill(path, (insert) => {
      fillRuns(insert, Number(experimentId), runs);
      fillScores(insert, fillTraces(insert, Number(experimentId), traces));
    });
    report("search database", runs + traces, statSync(path).size / 2 ** 20, "MiB");
    const scope = { experimentIds: [experimentId], maxResults: 100 };
    for (const [what, query] of Object.entries(RUN_SEARCHES)) {
      const search = () => store.runs.searchRuns({ ...scope, ...query });
      await time(report, `search runs, ${what}`, runs, search);
    }
    const { filter } = RUN_SEARCHES["metric > x, every other run"];
    const count = () => store.runs.countRuns({ ...scope, filter });
    await time(report, "count runs, metric > x, every other run", runs, count);
    for (const [what, { n, ...query }] of Object.entries(TRACE_SEARCHES)) {
      const search = () => store.traces.searchTraces({ ...scope, ...query });
      await time(report, `search traces, ${what}`, traces, search, n);
    }
    report("search, resident memory", runs + traces, process.memoryUsage.rss() / 2 ** 20, "MiB");
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const versions = { assay: version, node: process.versions.node };
  const [runs, traces] = process.argv.slice(2).map(Number);
  const report = (what, n, value, unit) =>
    console.log(JSON.stringify({ what, n, value: Number(value.toPrecision(3)), unit, versions }));
  await benchSearch(report, { ...(runs && { runs }), ...(traces && { traces }) });
}
