import { describe, expect, test } from "vitest";
import { AssayError } from "../../../src/core/index.ts";
import {
  DEFAULT_ORDER,
  parseOrderBy,
  type SearchTarget,
  totalOrder,
} from "../../../src/store/search/index.ts";

test.each<[SearchTarget, string, string, string, boolean]>([
  ["runs", "metrics.`a b` DESC", "metric", "a b", true],
  ["runs", "`metrics.a` desc", "metric", "a", true],
  ["runs", "start_time", "attribute", "start_time", false],
  ["runs", "attributes.start_time  ASC", "attribute", "start_time", false],
  ["runs", 'tags."a b"', "tag", "a b", false],
  ["runs", "created DESC", "attribute", "start_time", true],
  ["runs", "params.asc asc", "param", "asc", false],
  ["experiments", "last_update_time DESC", "attribute", "last_update_time", true],
  ["traces", "timestamp DESC", "attribute", "timestamp_ms", true],
  ["traces", "request_id", "attribute", "trace_id", false],
  ["traces", "session", "metadata", "mlflow.trace.session", false],
  ["traces", "cost DESC", "attribute", "cost", true],
  ["logged-models", "metrics.loss", "metric", "loss", false],
  ["datasets", "created_time DESC", "attribute", "created_time", true],
])("%s are ordered by %s", (target, clause, entity, key, descending) => {
  expect(parseOrderBy(target, [clause])).toEqual([{ field: { entity, key }, descending }]);
});

describe("a rejected clause is named with its number and position", () => {
  test.each<[SearchTarget, string[], string]>([
    [
      "runs",
      ["start_time", "metrics.a DOWN"],
      'Invalid order_by clause 2 at position 11: found "DOWN", expected ASC, DESC or the end of the clause.',
    ],
    [
      "runs",
      ["created DESC", "attributes.start_time"],
      'Invalid order_by clause 2 at position 1: found "attributes.start_time", expected each field once. Remove this clause, the field has one before.',
    ],
    [
      "runs",
      ["dataset.name"],
      'Invalid order_by clause 1 at position 1: found "dataset.name", expected something runs can be ordered by, not the dataset name.',
    ],
    [
      "runs",
      [""],
      "Invalid order_by clause 1 at position 1: found the end, expected a field, such as metrics.accuracy or status.",
    ],
    [
      "traces",
      ["text"],
      'Invalid order_by clause 1 at position 1: found "text", expected something traces can be ordered by, not the attribute "text".',
    ],
  ])("%s: %j", (target, clauses, message) => {
    expect(() => parseOrderBy(target, clauses)).toThrow(
      new AssayError("invalid-argument", message),
    );
  });
});

describe("the total order", () => {
  test("ends with a unique field in every target", () => {
    const last = Object.entries(DEFAULT_ORDER).map(([, terms]) => terms.at(-1)?.field.key);
    expect(last).toEqual(["run_id", "experiment_id", "trace_id", "model_id", "dataset_id"]);
  });

  test("is the default without clauses", () => {
    expect(totalOrder("runs", [])).toEqual(DEFAULT_ORDER.runs);
  });

  test("puts what is missing of the default behind the clauses", () => {
    const terms = parseOrderBy("runs", ["start_time ASC", "metrics.a"]);
    const keys = totalOrder("runs", terms).map(({ field, descending }) => [field.key, descending]);
    expect(keys).toEqual([
      ["start_time", false],
      ["a", false],
      ["run_id", false],
    ]);
  });

  test("stops at a unique field, not at a tag with its name", () => {
    const keysOf = (clauses: string[]) =>
      totalOrder("runs", parseOrderBy("runs", clauses)).map(({ field }) => field.key);
    expect(keysOf(["run_id DESC", "metrics.a"])).toEqual(["run_id"]);
    expect(keysOf(["tags.run_id"])).toEqual(["run_id", "start_time", "run_id"]);
  });
});
