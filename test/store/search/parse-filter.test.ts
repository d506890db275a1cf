import { describe, expect, test } from "vitest";
import {
  type Comparison,
  type Filter,
  parseFilter,
  type SearchTarget,
  type SpanComparison,
  type Test,
} from "../../../src/store/search/index.ts";

/** `entity.key operator value`, and the structure in lists: short enough to compare by eye. */
function shape(filter: Filter | undefined): unknown {
  if (filter === undefined) return undefined;
  switch (filter.kind) {
    case "comparison":
      return comparisonShape(filter);
    case "span":
      return { span: filter.clauses.map((clause) => clause.map(comparisonShape)) };
    case "not":
      return { not: shape(filter.filter) };
    default:
      return { [filter.kind]: filter.filters.map(shape) };
  }
}

function comparisonShape({ field, test }: Comparison | SpanComparison): string {
  return [`${field.entity}.${field.key}`, test.operator, ...operandOf(test)].join(" ");
}

function operandOf(test: Test): string[] {
  if ("value" in test) return [JSON.stringify(test.value)];
  if ("values" in test) return [JSON.stringify(test.values)];
  return "pattern" in test ? [test.pattern] : [];
}

const parsed = (target: SearchTarget, text: string) => shape(parseFilter(target, text));

test("a comparison names a field, an operator and a value", () => {
  expect(parseFilter("runs", "metrics.rmse < 1")).toEqual({
    kind: "comparison",
    field: { entity: "metric", key: "rmse" },
    test: { operator: "<", value: 1 },
  });
});

test("a blank filter is no filter", () => {
  expect(parseFilter("runs", undefined)).toBeUndefined();
  expect(parseFilter("runs", "")).toBeUndefined();
  expect(parseFilter("traces", " \n\t ")).toBeUndefined();
});

describe("what MLflow 3.17.2 accepts means the same here", () => {
  test.each<[SearchTarget, string, unknown]>([
    ["runs", "metric.acc >= 0.94", "metric.acc >= 0.94"],
    ["runs", "metric.acc>=100", "metric.acc >= 100"],
    ["runs", "metrics.a > -1e3", "metric.a > -1000"],
    ["runs", "metrics.a > .5", "metric.a > 0.5"],
    ["runs", "metrics.a > 1.", "metric.a > 1"],
    ["runs", "params.m!='tf'", 'param.m != "tf"'],
    ["runs", 'params."m"!="tf"', 'param.m != "tf"'],
    ["runs", "parameters.m = 'a'", 'param.m = "a"'],
    ["runs", "parameter.m = 'a'", 'param.m = "a"'],
    ["runs", 'metric."legit name" >= 0.243', "metric.legit name >= 0.243"],
    ["runs", "metrics.`spacey name` > 5", "metric.spacey name > 5"],
    ["runs", 'metrics."X//Y#$$@&Z" = 3', "metric.X//Y#$$@&Z = 3"],
    ["runs", "`metric`.a >= 0.1", "metric.a >= 0.1"],
    ["runs", "params.`batch-size` = '32'", 'param.batch-size = "32"'],
    ["runs", "tags.'a b' = 'x'", 'tag.a b = "x"'],
    ["runs", "tags.\"mlflow.parentRunId\" = 'x'", 'tag.mlflow.parentRunId = "x"'],
    ["runs", "tags.mlflow.parentRunId = 'x'", 'tag.mlflow.parentRunId = "x"'],
    ["runs", "tags.1a = 'x'", 'tag.1a = "x"'],
    ["runs", "tags.é = 'x'", 'tag.é = "x"'],
    ["runs", 'params.m = "L\'Hosp"', 'param.m = "L\'Hosp"'],
    ["runs", "params.m = ''", 'param.m = ""'],
    ["runs", "params.m = 'C:\\dir\\'", 'param.m = "C:\\\\dir\\\\"'],
    ["runs", "tags.or = 'x'", 'tag.or = "x"'],
    ["runs", "tags.not = 'x'", 'tag.not = "x"'],
    ["runs", "tags.null IS NOT NULL", "tag.null is not null"],
    ["runs", "tags.a IS NULL", "tag.a is null"],
    ["runs", "params.a is not null", "param.a is not null"],
    ["runs", 'attributes.status ILIKE "finished"', "attribute.status ilike finished"],
    ["runs", "run.status = 'RUNNING'", 'attribute.status = "RUNNING"'],
    ["runs", "attr.artifact_uri = '1/23/4'", 'attribute.artifact_uri = "1/23/4"'],
    ["runs", "attribute.start_time >= 1234", "attribute.start_time >= 1234"],
    ["runs", "created > 1", "attribute.start_time > 1"],
    ["runs", "`run name` = 'x'", 'attribute.run_name = "x"'],
    ["runs", "attributes.\"Run Name\" = 'x'", 'attribute.run_name = "x"'],
    ["runs", "user_id LiKe 'a%'", "attribute.user_id like a%"],
    ["runs", "run_id IN ('a','b')", 'attribute.run_id in ["a","b"]'],
    ["runs", 'run_id NOT  IN ("a")', 'attribute.run_id not in ["a"]'],
    ["runs", "run_id IN ('a',)", 'attribute.run_id in ["a"]'],
    ["runs", "datasets.digest IN ('a','b')", 'dataset.digest in ["a","b"]'],
    ["runs", "dataset.context = 'train'", 'dataset.context = "train"'],
    ["experiments", "name LIKE 'my-%'", "attribute.name like my-%"],
    ["experiments", "attribute.creation_time > 5", "attribute.creation_time > 5"],
    ["experiments", "experiment_id IN ('1')", 'attribute.experiment_id in ["1"]'],
    ["experiments", "tags.a IS NULL", "tag.a is null"],
    ["traces", "trace.status = 'OK'", 'attribute.status = "OK"'],
    ["traces", "status NOT IN ('OK')", 'attribute.status not in ["OK"]'],
    ["traces", "timestamp > 5", "attribute.timestamp_ms > 5"],
    ["traces", "timestamp_ms <= 5", "attribute.timestamp_ms <= 5"],
    ["traces", "execution_time > 5.5", "attribute.execution_time_ms > 5.5"],
    ["traces", "attributes.end_time_ms < 5", "attribute.end_time_ms < 5"],
    ["traces", "request_id = 'tr-1'", 'attribute.trace_id = "tr-1"'],
    ["traces", "name RLIKE '^chat'", "attribute.name rlike ^chat"],
    ["traces", "run_id = 'r'", 'attribute.run_id = "r"'],
    ["traces", "metadata.`mlflow.trace.session` = 's'", 'metadata.mlflow.trace.session = "s"'],
    ["traces", "request_metadata.a RLIKE 'x'", "metadata.a rlike x"],
    ["traces", "run_id IS NULL", "attribute.run_id is null"],
    ["traces", "name is not null", "attribute.name is not null"],
    ["traces", "prompt = 'greeting/3'", 'prompt.id = "greeting/3"'],
    ["traces", "trace.text LIKE '%a%'", { span: [["span.content like %a%"]] }],
    ["traces", "span.content ILIKE '%a%'", { span: [["span.content ilike %a%"]] }],
    [
      "traces",
      "span.attributes.gen_ai.system = 'x'",
      { span: [['span-attribute.gen_ai.system = "x"']] },
    ],
    ["traces", "span.attributes.`a b` LIKE 'x'", { span: [["span-attribute.a b like x"]] }],
    ["traces", "feedback.correct = 'true'", 'feedback.correct = "true"'],
    ["traces", "feedback.`a/b` > 4", "feedback.a/b > 4"],
    ["traces", "expectation.x IS NOT NULL", "expectation.x is not null"],
    ["traces", "issue.id = 'iss-1'", 'issue.id = "iss-1"'],
    ["logged-models", "creation_time > 5", "attribute.creation_timestamp > 5"],
    ["logged-models", "source_run_id not in ('a')", 'attribute.source_run_id not in ["a"]'],
    ["datasets", "created_by = 'me'", 'attribute.created_by = "me"'],
    ["datasets", "tags.a ILIKE 'x'", "tag.a ilike x"],
  ])("%s: %s", (target, text, expected) => {
    expect(parsed(target, text)).toEqual(expected);
  });

  test("clauses joined by AND", () => {
    expect(parsed("runs", 'metrics.rmse < 1 and params.model = "LR"\nAND tags.a IS NULL')).toEqual({
      and: ["metric.rmse < 1", 'param.model = "LR"', "tag.a is null"],
    });
  });
});

describe("fields and operators MLflow lacks", () => {
  test.each<[SearchTarget, string, unknown]>([
    ["runs", "metrics.relevance/v1/mean >= 4", "metric.relevance/v1/mean >= 4"],
    ["runs", "experiment_id = '1'", 'attribute.experiment_id = "1"'],
    ["runs", "status IN ('FAILED', 'KILLED')", 'attribute.status in ["FAILED","KILLED"]'],
    ["runs", "params.model NOT IN ('a')", 'param.model not in ["a"]'],
    ["runs", "params.name = 'it''s'", 'param.name = "it\'s"'],
    ["runs", 'params.name = "say ""hi"""', 'param.name = "say \\"hi\\""'],
    ["runs", "tags.`a``b` = 'x'", 'tag.a`b = "x"'],
    ["runs", "tags.`a.b`.c = 'x'", 'tag.a.b.c = "x"'],
    ["traces", "trace_id = 'tr-1'", 'attribute.trace_id = "tr-1"'],
    ["traces", "total_tokens > 1000", "attribute.total_tokens > 1000"],
    ["traces", "tokens > 1000", "attribute.total_tokens > 1000"],
    ["traces", "input_tokens IS NULL", "attribute.input_tokens is null"],
    ["traces", "cost >= 0.01", "attribute.cost >= 0.01"],
    ["traces", "session = 's'", 'metadata.mlflow.trace.session = "s"'],
    ["traces", "user IS NOT NULL", "metadata.mlflow.trace.user is not null"],
    ["traces", "feedback.relevance = 4", "feedback.relevance = 4"],
    ["traces", "feedback.correct = TRUE", "feedback.correct = true"],
    ["traces", "feedback.correct != false", "feedback.correct != false"],
    ["traces", "span.model = 'gpt-4o'", { span: [['span.model = "gpt-4o"']] }],
    ["traces", "span.duration_ms > 500", { span: [["span.duration_ms > 500"]] }],
    ["datasets", "dataset_id = 'd-1'", 'attribute.dataset_id = "d-1"'],
  ])("%s: %s", (target, text, expected) => {
    expect(parsed(target, text)).toEqual(expected);
  });
});

describe("OR, NOT and parentheses", () => {
  const [a, b, c] = ["tags.a='1'", "tags.b='1'", "tags.c='1'"];
  const [A, B, C] = ['tag.a = "1"', 'tag.b = "1"', 'tag.c = "1"'];

  test.each([
    [`${a} OR ${b} AND ${c}`, { or: [A, { and: [B, C] }] }],
    [`${a} AND ${b} OR ${c}`, { or: [{ and: [A, B] }, C] }],
    [`(${a} OR ${b}) AND ${c}`, { and: [{ or: [A, B] }, C] }],
    [`NOT ${a} AND ${b}`, { and: [{ not: A }, B] }],
    [`NOT (${a} AND ${b})`, { not: { and: [A, B] } }],
    [`not not ${a}`, { not: { not: A } }],
    [`NOT(${a})or(${b})`, { or: [{ not: A }, B] }],
    [`((${a}))`, A],
    ["NOT tags.a NOT IN ('x')", { not: 'tag.a not in ["x"]' }],
  ])("%s", (text, expected) => {
    expect(parsed("runs", text)).toEqual(expected);
  });
});

describe("comparisons of spans", () => {
  const [llm, tool, chat] = ["span.type='LLM'", "span.type='TOOL'", "span.name='chat'"];
  const [LLM, TOOL, CHAT] = ['span.type = "LLM"', 'span.type = "TOOL"', 'span.name = "chat"'];
  const OK = 'attribute.status = "OK"';

  test.each([
    [`trace.status = 'OK' AND ${llm} AND ${chat}`, { and: [OK, { span: [[LLM], [CHAT]] }] }],
    [`${llm} AND status = 'OK' AND ${chat}`, { and: [{ span: [[LLM], [CHAT]] }, OK] }],
    [`${llm} AND text LIKE 'a'`, { span: [[LLM], ["span.content like a"]] }],
    [`${chat} AND (${llm} OR ${tool})`, { span: [[CHAT], [LLM, TOOL]] }],
    [`${llm} OR ${tool}`, { span: [[LLM, TOOL]] }],
  ])("in one chain speak of one span: %s", (text, expected) => {
    expect(parsed("traces", text)).toEqual(expected);
  });

  test.each([
    [`(${llm}) AND (${tool})`, { and: [{ span: [[LLM]] }, { span: [[TOOL]] }] }],
    [`${llm} AND (${tool} AND ${chat})`, { and: [{ span: [[LLM]] }, { span: [[TOOL], [CHAT]] }] }],
    [`${llm} AND ${chat} OR ${tool}`, { or: [{ span: [[LLM], [CHAT]] }, { span: [[TOOL]] }] }],
    [`${llm} OR status = 'OK'`, { or: [{ span: [[LLM]] }, OK] }],
    [`${llm} AND NOT ${tool}`, { and: [{ span: [[LLM]] }, { not: { span: [[TOOL]] } }] }],
    [`NOT (${llm} AND ${chat})`, { not: { span: [[LLM], [CHAT]] } }],
  ])(
    "in parentheses, under NOT or in another alternative speak of another: %s",
    (text, expected) => {
      expect(parsed("traces", text)).toEqual(expected);
    },
  );
});

describe("LIKE patterns", () => {
  test.each([
    ["100\\%", "100\\%"],
    ["a\\_b", "a\\_b"],
    ["a\\\\b", "a\\\\b"],
    ["C:\\dir%", "C:\\\\dir%"],
    ["end\\", "end\\\\"],
    ["\\\\%", "\\\\%"],
    ["\\\\\\", "\\\\\\\\"],
  ])("%s escapes only what can be escaped", (written, pattern) => {
    const filter = parseFilter("runs", `tags.a LIKE '${written}'`);
    expect(filter).toMatchObject({ test: { operator: "like", pattern } });
  });
});
