import { openStore, type TrackingStore } from "../../../src/store/index.ts";

/** The store named by the first argument of the program. */
export function storeOfProgram(): Promise<TrackingStore> {
  return openStore(process.argv[2] ?? "");
}

/** Commits the result of one row with one score of the scorer `s`. */
export async function commitRow(
  { results }: TrackingStore,
  runId: string,
  ordinal: number,
): Promise<number> {
  const resultId = await results.commitResult(runId, {
    rowKey: `row-${ordinal}`,
    ordinal,
    trial: 0,
    inputs: { question: "q".repeat(200) },
    expectations: {},
    outcome: { outputs: "a".repeat(200) },
  });
  await results.commitScore(runId, {
    resultId,
    scorer: "s",
    scores: [{ kind: "scored", value: ordinal }],
  });
  return resultId;
}
