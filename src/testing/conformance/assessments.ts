import type { NewAssessment, Score, Span } from "../../core/index.ts";
import type { TrackingStore } from "../../store/index.ts";
import { beginEvaluation, LATENCY, newResult, RELEVANCE } from "./evaluation.ts";
import { newRun, type OpenStore, rejection, storeTests, type TestRunner } from "./kit.ts";

const TRACE = `tr-${"b".repeat(32)}`;
const SPAN = "c".repeat(16);

async function newTrace(store: TrackingStore): Promise<void> {
  const { experimentId } = await store.experiments.ensureExperiment("conformance");
  const span: Span = {
    traceId: "b".repeat(32),
    spanId: SPAN,
    name: "root",
    type: "CHAIN",
    startNs: 1n,
    endNs: 2n,
    status: "OK",
    attributes: {},
    events: [],
  };
  const info = { traceId: TRACE, experimentId, name: "root", startTime: 1, spanCount: 1 };
  await store.traces.writeTrace({ ...info, state: "OK" }, [span]);
}

const FEEDBACK: NewAssessment = {
  traceId: TRACE,
  name: "helpful",
  kind: "feedback",
  value: true,
  source: { type: "HUMAN", id: "ann" },
};

/** What every {@link AssessmentStore} does. */
export function assessmentStoreSuite(runner: TestRunner, open: OpenStore): void {
  const { describe, expect } = runner;
  const test = storeTests(runner, open);

  describe("assessments", () => {
    test("are read back, by their trace as well, in the order they were said", async (store) => {
      await newTrace(store);
      const runId = await newRun(store);
      const feedback = await store.assessments.logAssessment({
        ...FEEDBACK,
        spanId: SPAN,
        runId,
        rationale: "to the point",
        metadata: { page: 1 },
      });
      const { assessmentId, createTime, lastUpdateTime, ...rest } = feedback;
      expect(/^a-[0-9a-f]{32}$/.test(assessmentId)).toBe(true);
      expect([createTime > 1e12, lastUpdateTime === createTime]).toEqual([true, true]);
      expect(rest).toEqual({
        ...FEEDBACK,
        spanId: SPAN,
        runId,
        rationale: "to the point",
        metadata: { page: 1 },
        isValid: true,
      });
      const values = [null, 3.5, "text", ["a", { b: 1 }], false];
      const expected = [];
      for (const value of values) {
        const one: NewAssessment = { ...FEEDBACK, name: "gold", kind: "expectation", value };
        expected.push(await store.assessments.logAssessment(one));
      }
      expect(expected.map(({ value }) => value)).toEqual(values);
      const all = [feedback, ...expected];
      expect(await store.assessments.listAssessments(TRACE)).toEqual(all);
      expect((await store.traces.getTrace(TRACE))?.info.assessments).toEqual(all);
      expect(await store.assessments.getAssessment(TRACE, assessmentId)).toEqual(feedback);
      expect(await store.assessments.getAssessment(TRACE, "a-0")).toBe(undefined);
      expect(await store.assessments.listAssessments("tr-0")).toEqual([]);
    });

    test("feedback that failed says why", async (store) => {
      await newTrace(store);
      const error = { code: "TIMEOUT", message: "no answer" };
      const { value: _value, ...failed } = { ...FEEDBACK, error };
      const logged = await store.assessments.logAssessment(failed);
      expect([logged.error, "value" in logged]).toEqual([error, false]);
      const fixed = await store.assessments.changeAssessment(TRACE, logged.assessmentId, {
        value: 4,
      });
      expect([fixed.value, "error" in fixed]).toEqual([4, false]);
      expect(await store.assessments.getAssessment(TRACE, logged.assessmentId)).toEqual(fixed);
    });

    test("what overrides another is in force until it is deleted", async (store) => {
      await newTrace(store);
      const { assessments, traces } = store;
      const first = await assessments.logAssessment(FEEDBACK);
      const second = await assessments.logAssessment({
        ...FEEDBACK,
        value: false,
        overrides: first.assessmentId,
      });
      const inForce = async () =>
        (await assessments.listAssessments(TRACE)).map(({ value, isValid }) => [value, isValid]);
      const found = (filter: string) => traces.countTraces({ filter });
      expect(await inForce()).toEqual([
        [true, false],
        [false, true],
      ]);
      expect(await found("feedback.helpful = 'true'")).toBe(0);
      expect(await found("feedback.helpful = 'false'")).toBe(1);
      await assessments.deleteAssessment(TRACE, second.assessmentId);
      await assessments.deleteAssessment(TRACE, "a-none");
      expect(await inForce()).toEqual([[true, true]]);
      expect(await found("feedback.helpful = 'true'")).toBe(1);
    });

    test("changes keep what they do not name", async (store) => {
      await newTrace(store);
      const { assessments } = store;
      const before = await assessments.logAssessment({ ...FEEDBACK, rationale: "why" });
      const after = await assessments.changeAssessment(TRACE, before.assessmentId, {
        name: "useful",
        value: 2,
      });
      const { lastUpdateTime, ...changed } = after;
      const { lastUpdateTime: _before, ...rest } = before;
      expect(changed).toEqual({ ...rest, name: "useful", value: 2 });
      expect(lastUpdateTime >= before.lastUpdateTime).toBe(true);
      expect(await store.traces.countTraces({ filter: "feedback.useful = 2" })).toBe(1);
    });

    test("one that cannot be is refused and leaves nothing", async (store) => {
      await newTrace(store);
      const { assessments } = store;
      const first = await assessments.logAssessment(FEEDBACK);
      const { value: _value, ...valueless } = FEEDBACK;
      const codes = [];
      for (const wrong of [
        { ...FEEDBACK, traceId: "tr-none" },
        { ...FEEDBACK, spanId: "0".repeat(16) },
        { ...FEEDBACK, runId: "none" },
        { ...FEEDBACK, overrides: "a-none" },
        { ...FEEDBACK, assessmentId: first.assessmentId },
        { ...FEEDBACK, name: " " },
        valueless,
      ]) {
        codes.push((await rejection(assessments.logAssessment(wrong))).code);
      }
      expect(codes).toEqual([
        "not-found",
        "not-found",
        "not-found",
        "not-found",
        "already-exists",
        "invalid-argument",
        "invalid-argument",
      ]);
      const change = assessments.changeAssessment(TRACE, "a-none", { value: 1 });
      expect((await rejection(change)).code).toBe("not-found");
      expect(await assessments.listAssessments(TRACE)).toEqual([first]);
    });

    test("the scores of evaluations are among them and cannot be changed", async (store) => {
      await newTrace(store);
      const runId = await beginEvaluation(store);
      const score: Score = { kind: "scored", value: 4, rationale: "good" };
      const unscored: Score = { kind: "unscored", reason: "not-applicable", detail: "no" };
      await store.results.commitResult(
        runId,
        newResult(0, {
          traceId: TRACE,
          scores: [
            { scorer: RELEVANCE, scores: [score] },
            { scorer: LATENCY, scores: [unscored] },
          ],
        }),
      );
      const [listed, ...others] = await store.assessments.listAssessments(TRACE);
      const { assessmentId = "", createTime: _c, lastUpdateTime: _u, ...rest } = listed ?? {};
      expect(others).toEqual([]);
      expect(rest).toEqual({
        traceId: TRACE,
        name: RELEVANCE,
        kind: "feedback",
        value: 4,
        source: { type: "CODE" },
        runId,
        rationale: "good",
        metadata: {},
        isValid: true,
      });
      const change = store.assessments.changeAssessment(TRACE, assessmentId, { value: 1 });
      expect((await rejection(change)).code).toBe("not-found");
    });

    test("secrets in them are masked", async (store) => {
      await newTrace(store);
      const secret = `sk-${"fake".repeat(8)}`;
      const logged = await store.assessments.logAssessment({
        ...FEEDBACK,
        name: `about ${secret}`,
        value: { key: secret },
        rationale: secret,
        metadata: { note: secret },
        source: { type: "CODE", id: secret },
      });
      expect(JSON.stringify(logged).includes(secret)).toBe(false);
      const stored = await store.assessments.listAssessments(TRACE);
      expect(stored).toEqual([logged]);
    });
  });
}
