import { expect, test } from "vitest";
import * as entry from "../../src/entries/tracing.ts";

test("the subpath offers tracing, flushing and the logger of its failures", () => {
  expect(Object.keys(entry).sort()).toEqual([
    "flushTraces",
    "setTracingLogger",
    "startSpan",
    "trace",
    "withSpan",
  ]);
});
