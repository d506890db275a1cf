import { describe, expect, test } from "vitest";
import { defineScorer } from "../../src/core/index.ts";
import type { EvaluateResult } from "../../src/evaluate/index.ts";
import { tokenCount } from "../../src/metrics/index.ts";
import { numbered, useTempStore } from "./temp-store.ts";

const at = useTempStore();

async function tableOf(result: EvaluateResult) {
  const store = await at.open();
  const run = await store.runs.getRun(result.runId);
  const bytes = await store.artifacts.read(run?.artifactUri ?? "", "eval_results_table.json");
  return { run, ...JSON.parse(new TextDecoder().decode(bytes)) } as {
    run: typeof run;
    columns: string[];
    data: unknown[][];
  };
}

const judged = defineScorer({ name: "relevance", version: "v1" }, ({ outputs }) =>
  outputs === "bad"
    ? { kind: "unscored", reason: "judge-unparseable", detail: "no grade" }
    : { kind: "scored", value: 4, rationale: "Fits." },
);

describe("eval_results_table.json", () => {
  test("has MLflow's columns, and is where its load_table looks", async () => {
    const result = await at.evaluate({
      data: [
        { question: "a", gold: "x", answer: "one two three" },
        { question: "b", gold: "y", answer: "bad" },
      ],
      targets: "gold",
      predictions: "answer",
      extraMetrics: [judged, tokenCount()],
    });
    const { run, columns, data } = await tableOf(result);
    expect(columns).toEqual([
      "question",
      "gold",
      "answer",
      "relevance/v1/score",
      "relevance/v1/justification",
      "token_count",
    ]);
    expect(data).toEqual([
      ["a", "x", "one two three", 4, "Fits.", 3],
      ["b", "y", "bad", null, "no grade", 1],
    ]);
    expect(JSON.parse(run?.tags["mlflow.loggedArtifacts"] ?? "")).toEqual([
      { path: "eval_results_table.json", type: "table" },
    ]);
    expect(result.artifacts.eval_results_table).toBe(`${run?.artifactUri}/eval_results_table.json`);
  });

  test("has columns that later rows bring, failures, trials and seconds of a model", async () => {
    const result = await at.evaluate({
      data: [
        { id: "a", inputs: { question: "a", outputs: "an input's name" } },
        { id: "b", inputs: { question: "b", hint: null }, expectations: { source: "s" } },
      ],
      model: ({ question }: { question: string }) => {
        if (question === "b") throw new Error("broken");
        return true;
      },
      trials: 2,
      extraMetrics: [judged],
    });
    const { columns, data } = await tableOf(result);
    expect(columns).toEqual([
      "question",
      "inputs.outputs",
      "hint",
      "expectations.source",
      "outputs",
      "error",
      "trial",
      "latency",
      "relevance/v1/score",
      "relevance/v1/justification",
    ]);
    expect(data.every((row) => row.length === columns.length)).toBe(true);
    const cell = (row: number, column: string) => data[row]?.[columns.indexOf(column)];
    expect([cell(0, "trial"), cell(1, "trial"), cell(2, "question")]).toEqual([0, 1, "b"]);
    expect(cell(0, "inputs.outputs")).toBe("an input's name");
    expect(cell(2, "error")).toBe("Error: broken");
    expect(cell(2, "outputs")).toBe(null);
    expect(cell(0, "latency")).toBeGreaterThanOrEqual(0);
  });

  test("has a column that only the last of many rows brings", async () => {
    const data = numbered(1200).map((row) => ({
      ...row,
      outputs: row.i === 1199 ? "bad" : "good",
      ...(row.i === 1199 && { hint: "late" }),
    }));
    const { columns, data: rows } = await tableOf(
      await at.evaluate({ data, extraMetrics: [judged] }),
    );
    expect(columns.slice(0, 2)).toEqual(["i", "hint"]);
    expect(rows.length).toBe(1200);
    expect(rows.every((row) => row.length === columns.length)).toBe(true);
    expect(rows[0]?.slice(0, 2)).toEqual([0, null]);
    expect(rows[1199]?.slice(0, 2)).toEqual([1199, "late"]);
  });

  test("is written for so many results as resultsTable says, and a note tells when that is not all", async () => {
    const data = numbered(600).map((row) => ({ ...row, outputs: row.i }));
    const extraMetrics = [judged];
    const part = await at.evaluate({ data, extraMetrics, resultsTable: 550 });
    const table = await tableOf(part);
    expect(table.data.length).toBe(550);
    expect(part.notes).toEqual([
      "eval_results_table.json has the first 550 of 600 results (resultsTable)",
    ]);
    const none = await at.evaluate({ data, extraMetrics, resultsTable: false });
    expect(none.artifacts).toEqual({});
    // What is read from the store is always whole.
    let read = 0;
    for await (const record of part.tables.eval_results_table) {
      expect(record).toMatchObject({ i: read, outputs: read, "relevance/v1/score": 4 });
      read += 1;
    }
    expect(read).toBe(600);
  });
});
