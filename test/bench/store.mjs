import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "assay/store";
import Database from "better-sqlite3";
import { quantile, report, rssMiB, timesOf } from "./report.mjs";
import { benchSearch } from "./store-search.mjs";

const SCORERS = ["exact_match", "token_f1", "rouge_l"].map((name) => ({ name }));

function newResult(ordinal) {
  return {
    rowKey: `row-${ordinal}`,
    ordinal,
    trial: 0,
    inputs: { question: `What is the answer to question number ${ordinal}?` },
    expectations: { expected_response: `the answer is ${ordinal}` },
    outcome: { outputs: `I think that the answer is ${ordinal}` },
    latencyMs: 1.5,
  };
}

const scoresOf = (resultId) =>
  SCORERS.map(({ name }) => ({ resultId, scorer: name, scores: [{ kind: "scored", value: 0.5 }] }));

/** Runs `work` on 0, 1, … until `n` is reached, so many at once; resolves to items per second. */
async function rate(n, concurrency, work, step = 1) {
  let next = 0;
  const started = performance.now();
  const worker = async () => {
    while (next < n) {
      const first = next;
      next += step;
      await work(first);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return (n / (performance.now() - started)) * 1000;
}

async function beginEvaluation(store, experimentId) {
  const { runId } = await store.runs.createRun({ experimentId });
  const plan = { name: "bench", trials: 1, scorers: SCORERS, dataset: { name: "bench" } };
  await store.results.beginEvaluation(runId, plan);
  return runId;
}

/** Rows with three scores each, against the same rows by bare prepared inserts of one row. */
async function benchResults(store, experimentId, folder) {
  const bare = bareInserts(join(folder, "bare.db"), 200_000);
  const batched = await beginEvaluation(store, experimentId);
  const size = 200;
  const inBatches = await rate(
    200_000,
    4,
    async (first) => {
      const rows = Array.from({ length: size }, (_, at) => newResult(first + at));
      const ids = await store.results.commitResults(batched, rows);
      await store.results.commitScores(batched, ids.flatMap(scoresOf));
    },
    size,
  );
  report("results with 3 scores, committed 200 at a time", 200_000, inBatches, "rows/s", {
    ratio: `${(inBatches / bare).toFixed(2)} x bare single-row inserts`,
    rssMiB: rssMiB(),
  });
  const singly = await beginEvaluation(store, experimentId);
  const oneByOne = await rate(100_000, 256, async (ordinal) => {
    const resultId = await store.results.commitResult(singly, newResult(ordinal));
    await Promise.all(scoresOf(resultId).map((score) => store.results.commitScore(singly, score)));
  });
  report(
    "results with 3 scores, each committed by itself, 256 at once",
    100_000,
    oneByOne,
    "rows/s",
    {
      ratio: `${(oneByOne / bare).toFixed(2)} x bare single-row inserts`,
      rssMiB: rssMiB(),
    },
  );
}

/** What better-sqlite3 does with one prepared statement per table and transactions of 500 rows. */
export function bareInserts(path, n) {
  const database = new Database(path);
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = NORMAL");
  database.exec(`
    CREATE TABLE results (id INTEGER PRIMARY KEY, ordinal INTEGER, trial INTEGER, row_key TEXT,
      inputs TEXT, expectations TEXT, outputs TEXT, latency_ms REAL, UNIQUE (ordinal, trial));
    CREATE TABLE scores (result_id INTEGER, scorer_id INTEGER, part INTEGER, kind TEXT, value REAL,
      PRIMARY KEY (result_id, scorer_id, part)) WITHOUT ROWID;`);
  const result = database.prepare("INSERT INTO results VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)");
  const score = database.prepare("INSERT INTO scores VALUES (?, ?, 0, 'n', ?)");
  const write = database.transaction((first, last) => {
    for (let ordinal = first; ordinal < last; ordinal++) {
      const row = newResult(ordinal);
      const { lastInsertRowid } = result.run(
        row.ordinal,
        row.trial,
        row.rowKey,
        JSON.stringify(row.inputs),
        JSON.stringify(row.expectations),
        JSON.stringify(row.outcome.outputs),
        row.latencyMs,
      );
      for (let scorer = 1; scorer <= 3; scorer++) score.run(lastInsertRowid, scorer, 0.5);
    }
  });
  const started = performance.now();
  for (let first = 0; first < n; first += 500) write(first, first + 500);
  const perSecond = (n / (performance.now() - started)) * 1000;
  database.close();
  return perSecond;
}

async function benchRuns(store, experimentId) {
  const times = [];
  const perSecond = await rate(5_000, 16, async () => {
    const started = performance.now();
    await store.runs.createRun({ experimentId });
    times.push(performance.now() - started);
  });
  report("run creation, 16 at once", 5_000, perSecond, "runs/s", {
    p50Ms: Number(quantile(times, 0.5).toPrecision(3)),
    p95Ms: Number(quantile(times, 0.95).toPrecision(3)),
  });
}

async function benchMetrics(store, experimentId) {
  const { runId } = await store.runs.createRun({ experimentId });
  const size = 1_000;
  const perSecond = await rate(
    1_000_000,
    2,
    (first) =>
      store.runs.logBatch(runId, {
        metrics: Array.from({ length: size }, (_, at) => ({
          key: "loss",
          value: 1 / (first + at + 1),
          timestamp: 1_795_000_000_000 + first + at,
          step: first + at,
        })),
      }),
    size,
  );
  report("metric points, 1000 per batch", 1_000_000, perSecond, "points/s", { rssMiB: rssMiB() });
  const single = await rate(50_000, 64, (step) =>
    store.runs.logBatch(runId, {
      metrics: [{ key: "single", value: step, timestamp: step, step }],
    }),
  );
  report("metric points, one per call, 64 calls at once", 50_000, single, "points/s");
  for (const maxPoints of [100, 1_000]) {
    const times = await timesOf(() => store.runs.sampleMetric({ runId, key: "loss", maxPoints }));
    report(
      `history of 1 000 000 points sampled to ${maxPoints}`,
      1_000_000,
      quantile(times, 0.5),
      "ms, p50",
      {
        p95Ms: Number(quantile(times, 0.95).toPrecision(3)),
      },
    );
  }
}

export async function benchStore() {
  const folder = mkdtempSync(join(tmpdir(), "assay-bench-"));
  try {
    const store = await openStore(`sqlite:///${join(folder, "assay.db")}`);
    const { experimentId } = await store.experiments.createExperiment("bench");
    await benchResults(store, experimentId, folder);
    await benchRuns(store, experimentId);
    await benchMetrics(store, experimentId);
    await store.close();
    await benchSearch(report);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
