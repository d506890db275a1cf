import { describe, expect, test } from "vitest";
import { AssayError } from "../../../src/core/index.ts";
import { parseFilter, type SearchTarget } from "../../../src/store/search/index.ts";

function rejection(target: SearchTarget, text: string): string {
  try {
    parseFilter(target, text);
  } catch (error) {
    expect(error).toBeInstanceOf(AssayError);
    expect(error).toMatchObject({ code: "invalid-argument" });
    return (error as AssayError).message;
  }
  throw new Error(`Accepted: ${text.slice(0, 100)}`);
}

describe("a rejected filter says where, what was found, what was expected and what to do", () => {
  test.each<[SearchTarget, string, string]>([
    [
      "runs",
      "metrics.acc == 1",
      'Invalid filter at position 13: found "==", expected one of =, !=, <, <=, >, >= for the metric "acc". Write =.',
    ],
    [
      "runs",
      "metric.model = 'LR'",
      'Invalid filter at position 16: found "\'LR\'", expected a number for the metric "model".',
    ],
    [
      "runs",
      "metric.model = '5'",
      'Invalid filter at position 16: found "\'5\'", expected a number for the metric "model". Write it without quotes.',
    ],
    [
      "runs",
      "params.acc = 5",
      'Invalid filter at position 14: found "5", expected a text in quotes for the param "acc". Write \'5\'.',
    ],
    [
      "runs",
      "tags.a = 'x' AND",
      "Invalid filter at position 17: found the end, expected a field, such as metrics.accuracy or status.",
    ],
    [
      "runs",
      "params.acc = 'LR",
      "Invalid filter at position 14: found the open quote ', expected a closing one. Double a quote that belongs to the text: ''.",
    ],
    [
      "runs",
      "statsu = 'FAILED'",
      'Invalid filter at position 1: found "statsu", expected a field of runs; its attributes are run_id, run_name, experiment_id, status, user_id, artifact_uri, start_time, end_time. Perhaps status is meant.',
    ],
    [
      "experiments",
      "metrics.a > 1",
      'Invalid filter at position 1: found "metrics.a", expected a field of experiments; before the first dot stands one of attribute, attributes, attr, experiment, tag, tags.',
    ],
    [
      "runs",
      "run_name NOT LIKE 'a'",
      'Invalid filter at position 10: found "NOT", expected one of =, !=, IN, NOT IN, LIKE, ILIKE for the attribute "run_name". Write NOT in front of the field to negate another operator.',
    ],
    [
      "traces",
      "name RLIKE 'a('",
      'Invalid filter at position 14: found "(", expected in the regular expression a ) for this (.',
    ],
    [
      "traces",
      "name RLIKE 'it''s \\p{L}'",
      'Invalid filter at position 19: found "\\p{L}", expected in the regular expression a literal, ., a class, \\d \\w \\s \\b, ^, $, a group, | or a repetition; lookaround, backreferences, \\p, \\u and \\x are not supported.',
    ],
  ])("%s: %s", (target, text, message) => {
    expect(rejection(target, text)).toBe(message);
  });
});

describe("what MLflow rejects is rejected", () => {
  test.each<[SearchTarget, string]>([
    ["runs", "metric.acc >= 0.94; metrics.rmse < 1"],
    ["runs", "m.acc >= 0.94"],
    ["runs", "acc >= 0.94"],
    ["runs", "attribute.start != 1"],
    ["runs", "attribute.lifecycle_stage = 'ACTIVE'"],
    ["runs", "METRICS.a > 1"],
    ["runs", "constructor = 'x'"],
    ["runs", "toString.a = 'x'"],
    ["runs", "dataset.profile = 'x'"],
    ["runs", "metrics.A > 0.1 NAND params.B = 'LR'"],
    ["runs", "`metrics.A > 0.1"],
    ["runs", "param`.A > 0.1"],
    ["runs", "params.'acc = LR"],
    ["runs", "params.acc = LR"],
    ["runs", "params.acc = `LR`"],
    ["runs", "params.acc = \"LR'"],
    ["runs", "tags.acc = = 'LR'"],
    ["runs", "tags.a."],
    ["runs", "tags.`` = 'x'"],
    ["runs", "params.acc LR"],
    ["runs", "metric.acc !="],
    ["runs", "metrics.acc != metrics.acc"],
    ["runs", "1.0 > metrics.acc"],
    ["runs", "1=1"],
    ["runs", "attribute.status = true"],
    ["runs", "attribute.status IS 'RUNNING'"],
    ["runs", "attribute.status = 1"],
    ["runs", "metrics.acc IS NULL"],
    ["runs", "attribute.status IS NULL"],
    ["runs", "params.a > 'x'"],
    ["runs", "start_time LIKE '1%'"],
    ["runs", "metrics.a > 0x10"],
    ["runs", "metrics.a > 1_000"],
    ["runs", "metrics.a > nan"],
    ["runs", "metrics.a > 1e999"],
    ["runs", "run_id IN ()"],
    ["runs", "run_id IN (1, 2)"],
    ["runs", "run_id IN ('a' 'b')"],
    ["runs", "run_id IN ('a'"],
    ["runs", "run_id IN 'a'"],
    ["runs", "run_id RLIKE 'a'"],
    ["runs", "feedback.a = 'x'"],
    ["traces", "metrics.a > 1"],
    ["traces", "span.start > 1"],
    ["traces", "span.attributes. = 'x'"],
    ["traces", "span.content = 'x'"],
    ["traces", "text = 'x'"],
    ["traces", "prompt LIKE 'a/%'"],
    ["traces", "prompt = 'a'"],
    ["traces", "issue.id != 'a'"],
    ["traces", "issue.name = 'a'"],
    ["traces", "feedback.a > '4'"],
    ["traces", "feedback.a = maybe"],
  ])("%s: %s", (target, text) => {
    expect(rejection(target, text)).toMatch(
      /^Invalid filter at position \d+: found .+, expected .+\.$/,
    );
  });
});

test.each([
  "AND tags.a = 'x'",
  "tags.a = 'x' tags.b = 'y'",
  "(tags.a = 'x'",
  "tags.a = 'x')",
  "()",
  "NOT",
  "tags.a = 'x' OR OR tags.b = 'y'",
  "tags.a = 'it\\'s'",
  "tags.a = 'nul \0'",
])("incomplete or ambiguous filters are rejected: %s", (text) => {
  expect(rejection("runs", text)).toMatch(/^Invalid filter at position \d+: /);
});

test("messages stay on one short line, whatever the filter holds", () => {
  const message = rejection("runs", `tags.a = 'x' \`line\nbreak\u2028${"y".repeat(5000)}\``);
  expect(message).not.toMatch(/[\n\u2028]/);
  expect(message.length).toBeLessThan(200);
});

test("nesting, comparisons and length are bounded", () => {
  const nested = (depth: number) => `${"(".repeat(depth)}tags.a = 'x'${")".repeat(depth)}`;
  expect(parseFilter("runs", nested(100))).toBeDefined();
  expect(rejection("runs", nested(101))).toContain("at most 100 parentheses and NOTs");
  expect(rejection("runs", `${"NOT ".repeat(20_000)}tags.a = 'x'`)).toContain("at most 100");
  const chain = (length: number) => Array(length).fill("tags.a = 'x'").join(" OR ");
  expect(parseFilter("runs", chain(400))).toMatchObject({ kind: "or" });
  expect(rejection("runs", chain(401))).toContain("at most 400 comparisons");
  const assessed = (length: number) => Array(length).fill("feedback.a = 'x'").join(" OR ");
  expect(parseFilter("traces", assessed(50))).toMatchObject({ kind: "or" });
  expect(rejection("traces", assessed(51))).toContain("at most 50 comparisons of feedback");
  expect(rejection("runs", `${" ".repeat(99_999)}tags.a`)).toContain("100005 characters");
});

test("a filter of 100 000 characters takes no more than linear time", () => {
  const hostile = [
    `${"''".repeat(49_000)}'`,
    "`".repeat(99_001),
    "a.".repeat(49_000),
    "1".repeat(99_000),
    "<".repeat(99_000),
  ];
  const started = performance.now();
  for (const text of hostile) rejection("runs", `tags.a = ${text}`);
  // Milliseconds when linear, minutes when quadratic.
  expect(performance.now() - started).toBeLessThan(2000);
});
