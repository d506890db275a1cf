import { expect, test } from "vitest";
import { withSpan } from "../../src/tracing/index.ts";
import { orderedIds } from "../../src/tracing/ordered-ids.ts";
import { captureTrace } from "./captured-traces.ts";

// 2026-01-02T03:04:05.678Z is 1 767 323 045 678 ms after the epoch: 0x19b7ca98f2e by `printf %x`.
const NOW = 1_767_323_045_678;

test("a trace id begins with its time, so that later ones sort behind", () => {
  let now = NOW;
  const ids = orderedIds({ now: () => now });
  const first = ids.generateTraceId();
  now += 1;
  const second = ids.generateTraceId();
  expect(first).toMatch(/^019b7ca98f2e[0-9a-f]{20}$/);
  expect(second > first).toBe(true);
});

test("the rest is random and never all zeros", () => {
  const ids = orderedIds({ now: () => NOW });
  const many = new Set(Array.from({ length: 10_000 }, () => ids.generateSpanId()));
  expect(many.size).toBe(10_000);
  for (const id of many) expect(id).toMatch(/^[0-9a-f]{16}$/);
  const zeros = orderedIds({ now: () => 0 }, () => 0);
  expect(zeros.generateSpanId()).toBe("0000000000000001");
  expect(zeros.generateTraceId()).toBe("00000000000000000000000000000001");
});

test("traces of Assay have such ids", async () => {
  const before = Date.now();
  const { info } = await captureTrace(() => withSpan(() => 1, { name: "s" }));
  const time = Number.parseInt(info.traceId.slice(3, 15), 16);
  expect(time).toBeGreaterThanOrEqual(before);
  expect(time).toBeLessThanOrEqual(Date.now());
});
