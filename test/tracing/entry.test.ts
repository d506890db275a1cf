import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as entry from "../../src/entries/tracing.ts";

const DOCS = readFileSync(new URL("../../docs/tracing.md", import.meta.url), "utf8");

test("the subpath offers tracing by hand, and everything in it is documented", () => {
  const names = Object.keys(entry).sort();
  expect(names).toEqual([
    "assaySpanProcessor",
    "configureTracing",
    "flushTraces",
    "getCurrentSpan",
    "getTracingContextHeadersForHttpRequest",
    "logExpectation",
    "logFeedback",
    "setTracingContextFromHttpRequestHeaders",
    "setTracingLogger",
    "startSpan",
    "trace",
    "updateCurrentTrace",
    "withSpan",
  ]);
  const undocumented = names.filter((name) => !DOCS.includes(name));
  expect(undocumented).toEqual([]);
});
