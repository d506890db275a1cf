import type { Run } from "../../core/index.ts";
import { newRun, type OpenStore, rejection, storeTests, type TestRunner } from "./kit.ts";

// Not a key: it only has the shape of one.
const SECRET = `sk-${"fake".repeat(8)}`;

/** Whatever is written through whichever port, no key-shaped string can be read back. */
export function secretsSuite(runner: TestRunner, open: OpenStore): void {
  const { describe, expect } = runner;
  const test = storeTests(runner, open);

  describe("secrets", () => {
    test("in params, tags and names of runs and experiments are masked", async (store) => {
      const experiment = await store.experiments.createExperiment(`e ${SECRET}`);
      await store.experiments.setExperimentTag(experiment.experimentId, "key", SECRET);
      const { experimentId } = experiment;
      const made = await store.runs.createRun({
        experimentId,
        name: `run ${SECRET}`,
        tags: { made: SECRET },
      });
      await store.runs.logBatch(made.runId, {
        params: { model: `m?api_key=${SECRET}`, api_key: "0123456789abcdef0123" },
        tags: { url: "postgresql://user:hunter2hunter2@host/db" },
        metrics: [{ key: `m ${SECRET}`, value: 1, timestamp: 1, step: 0 }],
      });
      const run = await store.runs.getRun(made.runId);
      const shown = JSON.stringify([
        experiment,
        made,
        run,
        await store.experiments.listExperiments(),
      ]);
      for (const secret of [SECRET, "hunter2hunter2", "0123456789abcdef0123"]) {
        expect(shown.includes(secret)).toBe(false);
      }
      expect(run?.name).toBe("run [redacted]");
    });

    test("in inputs, outputs, errors, rationales and replies of judges are masked", async (store) => {
      const runId = await newRun(store);
      const row = { trial: 0, inputs: { q: SECRET }, expectations: { a: [SECRET] } };
      await store.results.beginEvaluation(runId, {
        name: `e ${SECRET}`,
        trials: 1,
        scorers: [{ name: "s" }],
        dataset: { name: SECRET },
      });
      const [good = 0, bad = 0] = await store.results.commitResults(runId, [
        {
          ...row,
          ordinal: 0,
          rowKey: SECRET,
          outcome: { outputs: { deep: [SECRET] } },
          metadata: { m: SECRET },
          tags: { t: SECRET },
          columns: { c: SECRET },
          group: SECRET,
        },
        { ...row, ordinal: 1, rowKey: "r", outcome: { error: `Error: refused ${SECRET}` } },
      ]);
      await store.results.commitScores(runId, [
        {
          resultId: good,
          scorer: "s",
          scores: [{ kind: "scored", value: SECRET, rationale: `because ${SECRET}`, part: SECRET }],
          calls: [{ model: SECRET, answeredBy: SECRET, reply: `I saw ${SECRET}`, latencyMs: 1 }],
        },
        {
          resultId: bad,
          scorer: "s",
          scores: [{ kind: "unscored", reason: "model-failed", detail: `no: ${SECRET}` }],
        },
      ]);
      const shown: unknown[] = [await store.results.getEvaluation(runId)];
      for await (const result of store.results.listResults(runId)) shown.push(result);
      expect(shown.length).toBe(3);
      const exported: unknown[] = [];
      const { experimentId = "" } = (await store.runs.getRun(runId)) ?? {};
      for await (const lines of store.maintenance?.exportRows(experimentId) ?? []) {
        exported.push(lines);
      }
      expect(exported.length > 0).toBe(store.maintenance !== undefined);
      const groups = [...(await store.results.rowGroups(runId))];
      expect(groups.length).toBe(1);
      expect(JSON.stringify([shown, exported, groups]).includes(SECRET)).toBe(false);
    });

    test("in what is refused are masked where a message quotes it", async (store) => {
      const runId = await newRun(store);
      const metric = { key: "m", value: 1, timestamp: 1, step: 0 };
      const { artifactUri } = (await store.runs.getRun(runId)) as Run;
      const refused = [
        () => store.runs.searchRuns({ filter: `params.a = ${SECRET}` }),
        () => store.runs.searchRuns({ filter: `${SECRET} = 'a'` }),
        () => store.runs.searchRuns({ orderBy: [`params.${SECRET} ${SECRET}`] }),
        () => store.runs.deleteTag(runId, SECRET),
        () => store.runs.logBatch(SECRET, { params: { a: "b" } }),
        () => store.runs.logBatch(runId, { metrics: [{ ...metric, key: SECRET, step: 0.5 }] }),
        () => store.runs.logBatch(runId, { params: { [`${SECRET}/..`]: "b" } }),
        () => store.artifacts.read(artifactUri, SECRET),
      ];
      for (const attempt of refused) {
        const { message } = await rejection(attempt());
        expect([message, message.includes(SECRET)]).toEqual([message, false]);
      }
    });

    test("in names, attributes, events and previews of traces are masked", async (store) => {
      const runId = await newRun(store);
      const { experimentId } = (await store.runs.getRun(runId)) ?? { experimentId: "" };
      const traceId = "a".repeat(32);
      await store.traces.writeTrace(
        {
          traceId: `tr-${traceId}`,
          experimentId,
          name: `t ${SECRET}`,
          state: "ERROR",
          startTime: 1,
          requestPreview: SECRET,
          responsePreview: SECRET,
          tags: { a: SECRET },
          metadata: { b: SECRET },
          spanCount: 1,
        },
        [
          {
            traceId,
            spanId: "1".repeat(16),
            name: `s ${SECRET}`,
            type: "TOOL",
            startNs: 1n,
            endNs: 2n,
            status: "ERROR",
            statusMessage: SECRET,
            inputs: { [SECRET]: SECRET },
            outputs: [SECRET],
            attributes: { header: `Bearer ${SECRET}1` },
            events: [{ name: "e", timeNs: 1n, attributes: { message: SECRET } }],
          },
        ],
      );
      const trace = await store.traces.getTrace(`tr-${traceId}`);
      const shown = JSON.stringify([trace, await store.traces.listTraces({})], (_key, value) =>
        typeof value === "bigint" ? String(value) : value,
      );
      expect(trace?.spans.length).toBe(1);
      expect(shown.includes(SECRET)).toBe(false);
    });
  });
}
