import { describe, expect, test } from "vitest";
import { defineScorer, sha256 } from "../../src/core/index.ts";
import type { EvaluateOptions, Inputs } from "../../src/evaluate/index.ts";
import { SequentialMeanTest } from "../../src/stats/index.ts";
import { numbered, useTempStore } from "./temp-store.ts";

const at = useTempStore();

/** Five of six rows score 1, the others 0. */
const scoreOf = (i: number) => Number(i % 6 !== 0);
const good = defineScorer({ name: "good", scale: [0, 1] }, ({ outputs }) => outputs as number);

const N = 300;
function options(more: Partial<EvaluateOptions> = {}): EvaluateOptions {
  return {
    name: "adaptive",
    data: numbered(N),
    model: async ({ i }: Inputs) => scoreOf(i),
    scorers: [good],
    budget: "adaptive",
    seed: 7,
    concurrency: 4,
    gates: ["good >= 0.6"],
    ...more,
  };
}

/** Where an uninterrupted look at the rows, one after the other in the order of the seed, is certain. */
async function certainAt(threshold: number, keys: ReadonlyMap<string, number>) {
  const place = (key: string) => sha256(`7\n${key}`).slice(0, 13);
  const order = [...keys].sort(([a], [b]) => (place(a) < place(b) ? -1 : 1));
  const looked = new SequentialMeanTest({ n: N, threshold, scale: [0, 1] });
  for (const [, i] of order) if (looked.add(scoreOf(i)) !== undefined) break;
  return looked.verdict;
}

async function keysOf(): Promise<Map<string, number>> {
  const result = await at.evaluate({ ...options(), budget: undefined as never, gates: [] });
  const keys = new Map<string, number>();
  for await (const { rowKey, inputs } of result.rows()) keys.set(rowKey, inputs.i as number);
  return keys;
}

describe("an adaptive budget", () => {
  test("stops when the verdict is certain, at the row where the order of the seed makes it so", async () => {
    const wanted = await certainAt(0.6, await keysOf());
    let calls = 0;
    const result = await at.evaluate(
      options({
        model: async ({ i }: Inputs) => {
          calls += 1;
          return scoreOf(i);
        },
      }),
    );
    const [gate] = result.gates;
    expect(wanted?.at).toBeLessThan(100);
    expect(gate).toMatchObject({ verdict: "pass", decision: "pass" });
    expect(gate?.stopped).toEqual({ at: wanted?.at, of: N, by: wanted?.by });
    // What was in flight is finished, and no more.
    expect(calls).toBeGreaterThanOrEqual(wanted?.at ?? 0);
    expect(calls).toBeLessThan((wanted?.at ?? 0) + 40);
    expect(result).toMatchObject({ status: "finished", decision: "pass", verdict: "pass" });
    expect(result.adaptive).toMatchObject({ judged: calls, rows: N });
  });

  test("never gives the mean of the rows it saw as the score", async () => {
    const result = await at.evaluate(options());
    expect(result.metrics).toEqual({});
    expect(result.summaries.good).not.toHaveProperty("mean");
    expect(result.gates[0]).not.toHaveProperty("estimate");
    const { lower = 1, upper = 0 } = result.summaries.good?.interval ?? {};
    // 250 of 300 rows score 1.
    expect(lower).toBeLessThan(250 / 300);
    expect(upper).toBeGreaterThan(250 / 300);
    expect(result.summaries.good).toMatchObject({ failed: 0, missing: 0 });
    expect(result.notes.join()).toMatch(/\d+ of 300 rows were judged .* saved \d+ calls/);
  });

  test("fails as early where the rows are bad", async () => {
    const result = await at.evaluate(options({ gates: ["good >= 0.95"] }));
    expect(result.gates[0]).toMatchObject({ verdict: "fail", decision: "fail" });
    expect(result.gates[0]?.message).toMatch(
      /^good over all 300 rows is not at least 0\.95: certain after \d+ in random order, with an error of at most 5 %; it lies between/,
    );
    // What is certain is not contradicted by the interval beside it.
    expect(result.gates[0]?.interval?.upper).toBeLessThanOrEqual(0.95);
    const passing = await at.evaluate(options({ gates: ["good >= 0.7"] }));
    expect(passing.gates[0]?.verdict).toBe("pass");
    expect(passing.gates[0]?.interval?.lower).toBeGreaterThanOrEqual(0.7);
  });

  test("gives the same verdict for the same seed, whatever the order of the data and of the answers", async () => {
    const first = await at.evaluate(options());
    const shuffled = await at.evaluate(options({ data: numbered(N).reverse(), concurrency: 16 }));
    expect(shuffled.gates[0]?.stopped).toEqual(first.gates[0]?.stopped);
    expect(shuffled.gates[0]?.interval).toEqual(first.gates[0]?.interval);
  });

  test("interrupted and resumed, gives the verdict of an uninterrupted run", async () => {
    const whole = await at.evaluate(options());
    const stop = new AbortController();
    let calls = 0;
    const cut = await at.evaluate(
      options({
        name: "cut",
        signal: stop.signal,
        model: async ({ i }: Inputs) => {
          calls += 1;
          if (calls === 10) stop.abort();
          return scoreOf(i);
        },
      }),
    );
    expect(cut.status).toBe("interrupted");
    const resumed = await at.evaluate(options({ name: "cut", resume: true }));
    expect(resumed.runId).toBe(cut.runId);
    expect(resumed.gates).toEqual(whole.gates);
    expect(resumed.status).toBe("finished");
  });

  test("waits for every gate, and looks at slices and single rows as well", async () => {
    const data = numbered(N).map(({ i }) => ({ i, kind: i % 2 ? "odd" : "even" }));
    const gates = ["good[kind=odd] >= 0.8", "good >= 0.6", "at most 3 rows: good == 0"];
    const { gates: found } = await at.evaluate(options({ data, gates }));
    expect(found.map(({ verdict }) => verdict)).toEqual(["pass", "pass", "fail"]);
    // Odd rows all score 1.
    expect(found[0]?.stopped?.of).toBe(150);
    expect(found[2]?.message).toMatch(/4 have good == 0 and \d+ have not: fail, whatever/);
  });

  test("that needs every row is told as what it is, with its mean", async () => {
    const result = await at.evaluate(options({ gates: ["good >= 0.8333", "good <= 0.8334"] }));
    expect(result.counts).toMatchObject({ rows: N, completed: N });
    expect(result.adaptive).toBeUndefined();
    expect(result.metrics["good/mean"]).toBeCloseTo(250 / 300, 12);
    expect(result.gates.map(({ verdict }) => verdict)).toEqual(["pass", "pass"]);
    expect(result.gates[0]?.estimate).toBeCloseTo(250 / 300, 12);
  });

  test("takes rows that failed as the worst and the best they could have been", async () => {
    const result = await at.evaluate(
      options({
        maxFailed: 0.5,
        model: async ({ i }: Inputs) => {
          if (i % 10 === 1) throw new Error("down");
          return scoreOf(i);
        },
      }),
    );
    expect(result.gates[0]).toMatchObject({ verdict: "pass" });
    const strict = await at.evaluate(
      options({
        gates: ["good >= 0.8"],
        maxFailed: 0.5,
        model: async ({ i }: Inputs) => {
          if (i % 10 === 1) throw new Error("down");
          return scoreOf(i);
        },
      }),
    );
    // 22 of 27 with an answer are 0.815, and 220 + 30 of 300 at best: nothing is certain.
    expect(strict.counts.completed).toBe(N);
  });
});

describe("is refused before anything is called", () => {
  test.each<[string, Partial<EvaluateOptions>, string]>([
    ["with strict", { strict: true }, "use one of them"],
    ["without a gate", { gates: [] }, "there is none; add a gate"],
    ["for shared runs", { shared: true }, "kept by one process"],
    [
      "for an aggregation other than the mean",
      { gates: ["good/p90 >= 0.5"] },
      "only means of scores",
    ],
    ["for cost", { gates: ["cost/total <= 1usd"] }, "only means of scores"],
    ["for equality", { gates: ["good == 1"] }, "never certain to be exactly that"],
    [
      "for scores without bounds",
      { gates: ["length >= 1"], scorers: [defineScorer({ name: "length" }, () => 3)] },
      "has no scale",
    ],
  ])("%s", async (_, more, message) => {
    const refusal = await at.refuses(options(more));
    expect(refusal).toMatchObject({ code: "invalid-argument" });
    expect((refusal as Error).message).toContain(message);
  });

  test("for a gate that only a proven regression fails, but not for an improvement", async () => {
    const { runId } = await at.evaluate({ ...options(), budget: undefined as never, gates: [] });
    for (const gate of ["good >= baseline", "good >= baseline - 0.1"]) {
      const model = () => expect.unreachable("it is refused before");
      await expect(
        at.evaluate(options({ model, gates: [gate], baseline: runId })),
      ).rejects.toMatchObject({
        code: "invalid-argument",
        message: `Gate "${gate}" cannot be decided early: it fails only on a proven regression, which takes all rows. Leave the adaptive budget out, or the gate`,
      });
    }
    const gates = ["good >= baseline + 0.1"];
    const better = await at.evaluate(options({ model: () => 1, gates, baseline: runId }));
    expect(better.gates[0]).toMatchObject({ decision: "pass" });
    expect(better.gates[0]?.stopped?.at).toBeLessThan(N);
  });
});
