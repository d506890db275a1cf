import type { ResultRow, Score } from "../../core/index.ts";
import type { NewResult, ResultQuery, TrackingStore } from "../../store/index.ts";
import { beginEvaluation, LATENCY, newResult, RELEVANCE } from "./evaluation.ts";
import { newRun, rejection, type StoreTest, type TestRunner } from "./kit.ts";

async function list(store: TrackingStore, runId: string, query?: ResultQuery) {
  const rows: ResultRow[] = [];
  for await (const row of store.results.listResults(runId, query)) rows.push(row);
  return rows;
}

async function ordinals(store: TrackingStore, runId: string, query?: ResultQuery) {
  return (await list(store, runId, query)).map((row) => row.ordinal);
}

async function commit(
  store: TrackingStore,
  runId: string,
  result: NewResult,
  score: Score | undefined,
  scorer = RELEVANCE,
): Promise<void> {
  const resultId = await store.results.commitResult(runId, result);
  if (score) await store.results.commitScore(runId, { resultId, scorer, scores: [score] });
}

const scored = (value: number): Score => ({ kind: "scored", value });
const unscored = (reason: "refused" | "not-applicable"): Score => ({
  kind: "unscored",
  reason,
  detail: "",
});

/** Reading results: rows, order, filter, pages. */
export function resultListSuite({ expect }: TestRunner, test: StoreTest): void {
  test("a row has all that was committed and nothing that was not", async (store) => {
    const runId = await beginEvaluation(store);
    const traceId = `tr-${"a".repeat(32)}`;
    const full = newResult(0, {
      outcome: { outputs: { answer: "ü", list: [1, null] } },
      latencyMs: 12.5,
      usage: { outputTokens: 3 },
      traceId,
      metadata: { category: "billing" },
      tags: { level: "easy" },
      columns: { note: null },
      group: "doc-1",
    });
    await commit(store, runId, full, scored(2));
    await commit(store, runId, newResult(1, { outcome: { error: "Error: no" } }), undefined);
    await commit(store, runId, newResult(2, { outcome: { outputs: null } }), undefined);
    const common = (ordinal: number) => ({
      rowKey: `row-${ordinal}`,
      ordinal,
      trial: 0,
      inputs: { question: `q${ordinal}` },
      expectations: { expected_response: `a${ordinal}` },
    });
    expect(await list(store, runId)).toEqual([
      {
        ...common(0),
        outputs: { answer: "ü", list: [1, null] },
        scores: { [RELEVANCE]: scored(2) },
        latencyMs: 12.5,
        usage: { outputTokens: 3 },
        traceId,
        metadata: { category: "billing" },
        tags: { level: "easy" },
        columns: { note: null },
      },
      { ...common(1), error: "Error: no", scores: {} },
      { ...common(2), outputs: null, scores: {} },
    ]);
    expect(await list(store, await newRun(store))).toEqual([]);
  });

  test("rows tell the groups that they belong to, over all trials", async (store) => {
    const runId = await beginEvaluation(store);
    await store.results.commitResults(runId, [
      newResult(0, { group: "doc-1" }),
      newResult(1),
      newResult(2, { trial: 1, group: "doc-1" }),
    ]);
    const groups = new Map([
      [0, "doc-1"],
      [2, "doc-1"],
    ]);
    expect(await store.results.rowGroups(runId)).toEqual(groups);
    expect(await store.results.rowGroups(await newRun(store))).toEqual(new Map());
  });

  test("parts come with their names and rationales, in the scorer's order, where they are asked for", async (store) => {
    const runId = await beginEvaluation(store);
    const votes: readonly Score[] = [
      { kind: "scored", value: 4, part: "vote 10", rationale: "good" },
      { kind: "unscored", reason: "refused", detail: "no", part: "vote 2" },
      { kind: "scored", value: true, part: "vote 2" },
      { kind: "scored", value: "partly", part: "claim: it is so" },
    ];
    const commitAll = async (ordinal: number, scorer: string, scores: readonly Score[]) => {
      const resultId = await store.results.commitResult(runId, newResult(ordinal));
      await store.results.commitScore(runId, { resultId, scorer, scores });
      return resultId;
    };
    const first = await commitAll(0, RELEVANCE, [scored(4), ...votes]);
    await store.results.commitScore(runId, {
      resultId: first,
      scorer: LATENCY,
      scores: [scored(1), { kind: "scored", value: 2, part: "p" }],
    });
    await commitAll(1, RELEVANCE, [scored(2)]);
    const found = await list(store, runId, { parts: true });
    expect(found.map(({ parts }) => parts)).toEqual([
      { [RELEVANCE]: votes, [LATENCY]: [{ kind: "scored", value: 2, part: "p" }] },
      {},
    ]);
    expect(found[0]?.scores).toEqual({ [RELEVANCE]: scored(4), [LATENCY]: scored(1) });
    expect((await list(store, runId)).map((row) => "parts" in row)).toEqual([false, false]);
  });

  test("worst first is lowest first, or highest where smaller is better, unscored last", async (store) => {
    const runId = await beginEvaluation(store);
    const verdicts = [scored(3), unscored("refused"), scored(1), undefined, scored(5), scored(1)];
    for (const [ordinal, score] of verdicts.entries()) {
      await commit(store, runId, newResult(ordinal), score);
    }
    expect(await ordinals(store, runId, { worst: RELEVANCE })).toEqual([2, 5, 0, 4, 1, 3]);
    expect(await ordinals(store, runId, { worst: "relevance", limit: 3 })).toEqual([2, 5, 0]);
    const slow = await beginEvaluation(store);
    for (const [ordinal, score] of verdicts.entries()) {
      await commit(store, slow, newResult(ordinal), score, LATENCY);
    }
    expect(await ordinals(store, slow, { worst: LATENCY })).toEqual([4, 0, 2, 5, 1, 3]);
  });

  test("an unknown scorer is refused with the known ones", async (store) => {
    const runId = await beginEvaluation(store);
    const { code, message } = await rejection(list(store, runId, { worst: "beauty" }));
    expect(code).toBe("not-found");
    expect(message.includes(`${RELEVANCE}, ${LATENCY}`)).toBe(true);
  });

  test("failed are the rows without an answer or verdict, unless it does not apply", async (store) => {
    const runId = await beginEvaluation(store);
    await commit(store, runId, newResult(0), scored(1));
    await commit(store, runId, newResult(1, { outcome: { error: "Error: no" } }), undefined);
    await commit(store, runId, newResult(2), unscored("refused"));
    await commit(store, runId, newResult(3), unscored("not-applicable"));
    expect(await ordinals(store, runId, { failed: true })).toEqual([1, 2]);
    expect(await ordinals(store, runId, { failed: true, limit: 1 })).toEqual([1]);
    expect(await ordinals(store, runId, { failed: true, worst: RELEVANCE })).toEqual([1, 2]);
    expect(await ordinals(store, runId, { failed: false })).toEqual([0, 1, 2, 3]);
  });

  test("1,200 rows come in order, each once, however they were committed", async (store) => {
    const runId = await beginEvaluation(store);
    const count = 1200;
    await Promise.all(
      Array.from({ length: count }, (_, index) => {
        const place = (index * 7) % count;
        const result = newResult(Math.floor(place / 2), { trial: place % 2 });
        return commit(store, runId, result, scored(-place));
      }),
    );
    const places = async (query?: ResultQuery) =>
      (await list(store, runId, query)).map((row) => row.ordinal * 2 + row.trial);
    const inOrder = Array.from({ length: count }, (_, place) => place);
    expect(await places()).toEqual(inOrder);
    expect(await places({ worst: RELEVANCE })).toEqual([...inOrder].reverse());
    expect(await places({ limit: 501 })).toEqual(inOrder.slice(0, 501));
    expect(await places({ limit: 500 })).toEqual(inOrder.slice(0, 500));
    expect(await places({ limit: 0 })).toEqual([]);
    expect(await places({ limit: 0, worst: RELEVANCE })).toEqual([]);
  });

  test("of rows asked for by their place, all trials come, in the order asked for", async (store) => {
    const runId = await beginEvaluation(store);
    for (let place = 0; place < 260; place++) {
      const result = newResult(Math.floor(place / 2), { trial: place % 2 });
      await commit(store, runId, result, place % 2 === 0 ? scored(1) : unscored("refused"));
    }
    const trials = async (query: ResultQuery) =>
      (await list(store, runId, query)).map((row) => `${row.ordinal}/${row.trial}`);
    expect(await trials({ ordinals: [7, 2, 999] })).toEqual(["7/0", "7/1", "2/0", "2/1"]);
    expect(await trials({ ordinals: [7, 2], limit: 3 })).toEqual(["7/0", "7/1", "2/0"]);
    expect(await trials({ ordinals: [7, 2], failed: true })).toEqual(["7/1", "2/1"]);
    expect(await trials({ ordinals: [] })).toEqual([]);
    const many = Array.from({ length: 130 }, (_, place) => 129 - place);
    expect(await ordinals(store, runId, { ordinals: many })).toEqual(many.flatMap((n) => [n, n]));
  });

  test("rows committed while the list is read neither repeat nor drop others", async (store) => {
    const runId = await beginEvaluation(store);
    const commits = Array.from({ length: 600 }, (_, index) =>
      commit(store, runId, newResult(index + 100), undefined),
    );
    await Promise.all(commits);
    const seen: number[] = [];
    for await (const row of store.results.listResults(runId)) {
      if (seen.length === 0) await commit(store, runId, newResult(0), undefined);
      seen.push(row.ordinal);
    }
    expect(seen).toEqual(Array.from({ length: 600 }, (_, index) => index + 100));
  });
}
