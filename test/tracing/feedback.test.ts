import { afterAll, beforeAll, expect, test } from "vitest";
import {
  flushTraces,
  getCurrentSpan,
  getTrace,
  logExpectation,
  logFeedback,
  searchTraces,
  setTrackingUri,
  updateAssessment,
  withSpan,
} from "../../src/index.ts";
import { closeStores } from "../../src/tracking/index.ts";

beforeAll(() => setTrackingUri("sqlite:///:memory:"));
afterAll(closeStores);

test("feedback given inside a trace is stored behind it, and by its id later on", async () => {
  const traceId = await withSpan(
    async () => {
      const [span, inner] = await withSpan(
        async () => [getCurrentSpan(), await logFeedback({ name: "inside", value: 0.5 })] as const,
        { name: "inner" },
      );
      await logFeedback({ name: "on-span", value: "ok", spanId: span?.spanId ?? "" });
      expect(inner.assessmentId).toMatch(/^a-[0-9a-f]{32}$/);
      return inner.traceId;
    },
    { name: "root" },
  );
  const late = await logExpectation({ traceId, name: "answer", value: { text: "42" } });
  await flushTraces();
  const trace = await getTrace(traceId);
  const said = trace?.info.assessments?.map(({ name, kind, value, source }) => [
    name,
    kind,
    value,
    source.type,
  ]);
  expect(said).toEqual([
    ["inside", "feedback", 0.5, "CODE"],
    ["on-span", "feedback", "ok", "CODE"],
    ["answer", "expectation", { text: "42" }, "HUMAN"],
  ]);
  await updateAssessment(traceId, late.assessmentId, { rationale: "as agreed" });
  const found = await searchTraces({ filterString: "feedback.inside > 0.4" });
  expect(found.map((info) => info.assessments?.[2]?.rationale)).toEqual(["as agreed"]);
});

test("without a trace there is nothing to speak of", async () => {
  await expect(logFeedback({ value: 1 })).rejects.toMatchObject({ code: "invalid-argument" });
  const unknown = logFeedback({ traceId: "tr-0", value: 1 });
  await expect(unknown).rejects.toMatchObject({ code: "not-found" });
});
