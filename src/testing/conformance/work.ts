import type { Row } from "../../core/index.ts";
import type { TrackingStore, WorkChunk } from "../../store/index.ts";
import { beginEvaluation, OUTCOME } from "./evaluation.ts";
import { newRun, type OpenStore, rejection, storeTests, type TestRunner } from "./kit.ts";

const A = { worker: "a", ttlMs: 60_000 };
const B = { worker: "b", ttlMs: 60_000 };

/** A lease that has ended when it begins. */
const GONE = { worker: "gone", ttlMs: -1 };

/** What every {@link WorkStore} does. */
export function workStoreSuite(runner: TestRunner, open: OpenStore): void {
  const { describe, expect } = runner;
  const test = storeTests(runner, open);
  describe("shared work", () => {
    test("is taken chunk by chunk, each with its rows in the order that was given", async (store) => {
      const runId = await planned(store, [[2, 0], [1]]);
      const { work } = store;
      expect(await work.claim(runId, A)).toEqual({ chunk: 0, rows: [row(2), row(0)] });
      expect(await work.claim(runId, B)).toEqual({ chunk: 1, rows: [row(1)] });
      expect(await work.claim(runId, A)).toBe(undefined);
      expect(await work.left(runId)).toEqual({ free: 0, held: 2, workers: ["a", "b"] });
    });

    test("keeps rows as they are, whatever they hold", async (store) => {
      const whole: Row = {
        rowKey: "ключ #2",
        ordinal: 0,
        inputs: { question: '„Ω“ \u{1f600} \\ "', deep: [{ n: 1e-7 }, null, true] },
        outputs: null,
        expectations: { expected_response: "" },
        context: ["a", "b"],
        metadata: { source: "x" },
        tags: { t: "1" },
        columns: { level: 3 },
        traceId: "tr-1",
      };
      const runId = await beginEvaluation(store);
      await store.work.addRows(runId, [whole]);
      await store.work.open(runId, [[0]]);
      expect((await store.work.claim(runId, A))?.rows).toEqual([whole]);
    });

    test("refuses a row that would be masked, because its model would get another one", async ({
      work,
      ...store
    }) => {
      const runId = await beginEvaluation({ work, ...store });
      const secret = { ...row(4), inputs: { key: `sk-${"a1B2".repeat(8)}` } };
      const { code, message } = await rejection(work.addRows(runId, [row(0), secret]));
      expect([code, message.includes("Row 5")]).toEqual(["invalid-argument", true]);
    });

    test("is there once it is opened, and not before", async (store) => {
      const runId = await beginEvaluation(store);
      await store.work.addRows(runId, [row(0)]);
      expect(await store.work.left(runId)).toBe(undefined);
      expect(await store.work.claim(runId, A)).toBe(undefined);
      await store.work.open(runId, [[0]]);
      expect(await store.work.left(runId)).toEqual({ free: 1, held: 0, workers: [] });
      await store.work.clear(runId);
      expect(await store.work.left(runId)).toBe(undefined);
      await store.work.addRows(runId, [row(0)]);
      const bare = await newRun(store);
      expect((await rejection(store.work.open(bare, [[0]]))).code).toBe("not-found");
    });

    test("of a worker whose lease has ended goes to another, unless it was renewed", async (store) => {
      const { work } = store;
      const runId = await planned(store, [[0], [1], [2]]);
      await work.claim(runId, { ...A, ttlMs: -1 });
      await work.renew(runId, A);
      await work.claim(runId, GONE);
      expect(await work.left(runId)).toEqual({ free: 2, held: 1, workers: ["a"] });
      expect((await work.claim(runId, B))?.chunk).toBe(1);
      expect((await work.claim(runId, B))?.chunk).toBe(2);
      expect(await work.claim(runId, B)).toBe(undefined);
      expect(await work.finish(runId, 1, GONE.worker)).toBe(false);
      expect(await work.finish(runId, 1, B.worker)).toBe(true);
    });

    test("is given back by its worker, and by no other", async (store) => {
      const { work } = store;
      const runId = await planned(store, [[0], [1], [2]]);
      for (const lease of [A, B, A]) await work.claim(runId, lease);
      await work.release(runId, "a", 1);
      expect(await work.left(runId)).toEqual({ free: 0, held: 3, workers: ["a", "b"] });
      await work.release(runId, "a", 2);
      expect((await work.claim(runId, B))?.chunk).toBe(2);
      await work.release(runId, "b");
      expect(await work.left(runId)).toEqual({ free: 2, held: 1, workers: ["a"] });
    });

    test("is gone once it is finished, and then nothing is left", async (store) => {
      const { work } = store;
      const runId = await planned(store, [[0], [1]]);
      for (const chunk of [0, 1]) {
        await work.claim(runId, A);
        expect(await work.finish(runId, chunk, "a")).toBe(true);
      }
      expect(await work.left(runId)).toEqual({ free: 0, held: 0, workers: [] });
      await work.removeRows(runId);
      // They can be written again.
      await work.addRows(runId, [row(0), row(1)]);
    });

    test("is never given to two workers that ask at once", async (store) => {
      const { work } = store;
      const chunks = Array.from({ length: 40 }, (_, at) => [at]);
      const runId = await planned(store, chunks);
      const taken: WorkChunk[] = [];
      const takeAll = async (worker: string) => {
        for (;;) {
          const chunk = await work.claim(runId, { worker, ttlMs: 60_000 });
          if (chunk === undefined) return;
          taken.push(chunk);
        }
      };
      await Promise.all(["a", "b", "c", "d", "e"].map(takeAll));
      const ordinals = taken.flatMap(({ rows }) => rows.map(({ ordinal }) => ordinal));
      expect(ordinals.sort((a, b) => a - b)).toEqual(chunks.flat());
    });

    test("that is taken up makes its evaluation run again", async (store) => {
      const { work, results } = store;
      const runId = await planned(store, [[0]]);
      await results.finishEvaluation(runId, { ...OUTCOME, status: "interrupted" });
      await work.claim(runId, A);
      const record = await results.getEvaluation(runId);
      expect([record?.status, record?.outcome]).toEqual(["running", undefined]);
    });
  });
}

async function planned(store: TrackingStore, chunks: readonly number[][]): Promise<string> {
  const runId = await beginEvaluation(store);
  // In two portions, as rows that come bit by bit.
  const [first = 0, ...others] = chunks.flat().sort((a, b) => a - b);
  await store.work.addRows(runId, [row(first)]);
  await store.work.addRows(runId, others.map(row));
  await store.work.open(runId, chunks);
  return runId;
}

function row(ordinal: number): Row {
  return {
    rowKey: `row-${ordinal}`,
    ordinal,
    inputs: { question: `q${ordinal}` },
    expectations: { expected_response: `a${ordinal}` },
  };
}
