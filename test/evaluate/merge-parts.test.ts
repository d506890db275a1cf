import { expect, test } from "vitest";
import { defineScorer, type ResultRow, type Score } from "../../src/core/index.ts";
import { mergeShards } from "../../src/evaluate/index.ts";
import { numbered, useTempStore } from "./temp-store.ts";

const at = useTempStore();

/** Votes as a panel gives them: the mean, then each of them. */
const votes = defineScorer({ name: "votes" }, ({ outputs }): readonly Score[] => [
  { kind: "scored", value: Number(outputs) },
  { kind: "scored", value: Number(outputs) + 1, part: "first", rationale: "high" },
  { kind: "unscored", reason: "refused", detail: "no", part: "second" },
]);

test("shards that become one run keep the parts of their verdicts", async () => {
  const options = {
    data: numbered(4),
    model: ({ i }: { readonly [name: string]: unknown }) => Number(i),
    extraMetrics: [votes],
  };
  const shards = [];
  for (const shard of ["1/2", "2/2"]) shards.push(await at.evaluate({ ...options, shard }));
  const store = await at.open();
  const merged = await mergeShards(
    store,
    shards.map(({ runId }) => ({ store, runId })),
  );
  const rows: ResultRow[] = [];
  for await (const row of store.results.listResults(merged, { parts: true })) rows.push(row);
  expect(rows.map(({ parts }) => parts)).toEqual(
    [0, 1, 2, 3].map((i) => ({
      votes: [
        { kind: "scored", value: i + 1, part: "first", rationale: "high" },
        { kind: "unscored", reason: "refused", detail: "no", part: "second" },
      ],
    })),
  );
});
