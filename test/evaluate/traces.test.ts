import { Document } from "@langchain/core/documents";
import { StringOutputParser } from "@langchain/core/output_parsers";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { BaseRetriever } from "@langchain/core/retrievers";
import { RunnableLambda } from "@langchain/core/runnables";
import { FakeListChatModel } from "@langchain/core/utils/testing";
import { context, createContextKey } from "@opentelemetry/api";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ScorerInput } from "../../src/core/index.ts";
import type { EvaluateResult } from "../../src/evaluate/index.ts";
import { makeGenaiMetric } from "../../src/judges/index.ts";
import { flushTraces, startTracing, withSpan } from "../../src/tracing/index.ts";
import { setExperiment, setTrackingUri } from "../../src/tracking/index.ts";
import { type ProviderServer, startProviderServer } from "../support/provider-server.ts";
import { meeting, numbered, rowsOf, useTempStore } from "./temp-store.ts";

const at = useTempStore();

let server: ProviderServer | undefined;
beforeEach(() => {
  // Where spans outside any evaluation go: here they would be seen.
  setTrackingUri(at.uri);
  setExperiment("outer");
});
afterEach(() => server?.close());

function measured() {
  return 5;
}

async function tracesOf(result: EvaluateResult) {
  const { traces } = await at.open();
  const rows = await rowsOf(result);
  return Promise.all(rows.map(({ traceId }) => traces.getTrace(traceId ?? "none")));
}

async function traceNames(): Promise<string[]> {
  await flushTraces();
  const { traces } = await at.open();
  return (await traces.listTraces({ limit: 1000 })).map(({ name }) => name).sort();
}

describe("each trial", () => {
  test("is one trace of the run, linked from its result", async () => {
    const result = await at.evaluate({
      name: "bot",
      data: numbered(3),
      trials: 2,
      model: ({ i }: { i: number }) =>
        withSpan(() => `answer ${i}`, { name: "inner", type: "TOOL" }),
      scorers: [measured],
    });
    const traces = await tracesOf(result);
    expect(await traceNames()).toEqual(Array(6).fill("bot"));
    expect(new Set(traces.map((trace) => trace?.info.traceId)).size).toBe(6);
    for (const [index, trace] of traces.entries()) {
      const i = Math.floor(index / 2);
      expect(trace).toMatchObject({
        info: {
          runId: result.runId,
          experimentId: result.experimentId,
          state: "OK",
          requestPreview: `{"i":${i}}`,
          responsePreview: `answer ${i}`,
        },
        spans: [
          { name: "bot", type: "CHAIN", inputs: { i }, outputs: `answer ${i}` },
          { name: "inner", type: "TOOL" },
        ],
      });
    }
  });

  test("whose model fails has a trace that says so", async () => {
    const result = await at.evaluate({
      data: numbered(1),
      model: () => {
        throw new TypeError("no");
      },
      scorers: [measured],
    });
    expect(await tracesOf(result)).toMatchObject([
      { info: { state: "ERROR" }, spans: [{ status: "ERROR", statusMessage: "no" }] },
    ]);
  });

  test("keeps to itself, at the same time and inside a span of the caller's", async () => {
    const together = meeting(4);
    const result = await withSpan(
      () =>
        at.evaluate({
          name: "bot",
          data: numbered(4),
          model: async ({ i }: { i: number }) => {
            await together.arrive();
            return withSpan(() => "x", { name: `inner ${i}` });
          },
          scorers: [measured],
          concurrency: 4,
        }),
      { name: "my own span" },
    );
    expect(await traceNames()).toEqual(["bot", "bot", "bot", "bot", "my own span"]);
    expect((await tracesOf(result)).map((trace) => trace?.spans.map(({ name }) => name))).toEqual(
      numbered(4).map(({ i }) => ["bot", `inner ${i}`]),
    );
  });

  test("has no trace where tracing is suppressed, and is evaluated all the same", async () => {
    startTracing();
    server = await startProviderServer({
      reply: () => ({ text: "x", usage: { inputTokens: 7, outputTokens: 2 } }),
    });
    const { env } = server;
    const suppressed = createContextKey("OpenTelemetry SDK Context Key SUPPRESS_TRACING");
    const result = await context.with(context.active().setValue(suppressed, true), () =>
      at.evaluate({
        data: [{ question: "q" }],
        model: "openai:/gpt-test",
        scorers: [measured],
        env,
      }),
    );
    const [row] = await rowsOf(result);
    expect(row).toMatchObject({ outputs: "x", usage: { inputTokens: 7, outputTokens: 2 } });
    expect(row).not.toHaveProperty("traceId");
  });
});

describe("scorers and judges", () => {
  test("leave no traces of their own and are in none of the application's", async () => {
    server = await startProviderServer({
      reply: () => ({ text: '{"rationale":"Good.","score":4}' }),
    });
    const result = await at.evaluate({
      name: "bot",
      data: numbered(2),
      model: () => "x",
      env: server.env,
      scorers: [
        function traced() {
          return withSpan(() => 1, { name: "of a scorer" });
        },
        makeGenaiMetric({
          name: "relevance",
          definition: "Relevance.",
          gradingPrompt: "Score it from 1 to 5.",
          model: "openai:/judge",
        }),
      ],
    });
    expect(server.requests).toHaveLength(2);
    expect(result.metrics["relevance/v1/mean"]).toBe(4);
    expect(await traceNames()).toEqual(["bot", "bot"]);
    for (const trace of await tracesOf(result)) expect(trace?.spans).toHaveLength(1);
  });

  test("and their tokens are in the usage of the run, beside the model's", async () => {
    server = await startProviderServer({
      reply: ({ model }) =>
        model === "judge"
          ? {
              text: '{"rationale":"Good.","score":4}',
              usage: { inputTokens: 100, outputTokens: 10 },
            }
          : { text: "x", usage: { inputTokens: 7, outputTokens: 2 } },
    });
    const result = await at.evaluate({
      data: [{ question: "a" }, { question: "b" }],
      model: "openai:/gpt-test",
      judgeModel: "anthropic:/judge",
      env: server.env,
      scorers: [
        makeGenaiMetric({
          name: "relevance",
          definition: "Relevance.",
          gradingPrompt: "Score it from 1 to 5.",
        }),
      ],
    });
    expect(result.usage).toEqual({ inputTokens: 214, outputTokens: 24 });
    expect((await rowsOf(result)).map(({ usage }) => usage)).toEqual(
      Array(2).fill({ inputTokens: 7, outputTokens: 2 }),
    );
    const [trace] = await tracesOf(result);
    expect(trace?.info.usage).toEqual({ inputTokens: 7, outputTokens: 2 });
    expect(trace?.spans.map(({ type }) => type)).toEqual(["CHAIN", "CHAT_MODEL"]);
  });
});

describe("what retrievers return", () => {
  // d1 and d2 of three are found, d1 is relevant and d9 is not found.
  const row = { question: "q", expectations: { relevant_ids: ["d1", "d9"] } };
  // DCG 1 at rank 1, ideal 1 + 1/log2(3) for two relevant documents.
  const expected = {
    "precision_at_3/mean": 0.5,
    "recall_at_3/mean": 0.5,
    "ndcg_at_3/mean": 0.6131471927654584,
  };

  async function evaluated(model: Parameters<typeof at.evaluate>[0]["model"]) {
    const contexts: ScorerInput["context"][] = [];
    const result = await at.evaluate({
      data: [row],
      ...(model !== undefined && { model }),
      modelType: "retriever",
      scorers: [
        function spy({ context }) {
          contexts.push(context);
          return 1;
        },
      ],
    });
    for (const [key, value] of Object.entries(expected)) {
      expect(result.metrics[key]).toBeCloseTo(value, 12);
    }
    return contexts[0];
  }

  test("in a span of the caller's becomes the context and feeds precision_at_3", async () => {
    const found = await evaluated(async () => {
      const documents = [
        { id: "d1", content: "First." },
        { id: "d2", content: "Second." },
      ];
      await withSpan(() => documents, { name: "search", type: "RETRIEVER" });
      return "an answer";
    });
    expect(found).toEqual([
      { id: "d1", content: "First." },
      { id: "d2", content: "Second." },
    ]);
  });

  test("in a LangChain chain becomes the context as well", async () => {
    class TwoDocuments extends BaseRetriever {
      lc_namespace = ["test"];
      override async _getRelevantDocuments() {
        return [
          new Document({ pageContent: "First.", metadata: { id: "d1" } }),
          new Document({ pageContent: "Second.", metadata: { id: "d2" } }),
        ];
      }
    }
    const chain = RunnableLambda.from(({ question }: { question: string }) => question)
      .pipe(new TwoDocuments())
      .pipe((documents: Document[]) => ({
        text: documents.map(({ pageContent }) => pageContent).join(" "),
      }))
      .pipe(ChatPromptTemplate.fromTemplate("Answer from: {text}"))
      .pipe(new FakeListChatModel({ responses: ["an answer"] }))
      .pipe(new StringOutputParser());
    expect(await evaluated(chain)).toMatchObject([
      { id: "d1", content: "First." },
      { id: "d2", content: "Second." },
    ]);
  });

  test("does not stand above a context that the row brings along", async () => {
    const contexts: ScorerInput["context"][] = [];
    await at.evaluate({
      data: [{ question: "q", context: "of the row" }],
      model: () => withSpan(() => ["retrieved"], { name: "search", type: "RETRIEVER" }),
      scorers: [
        function spy({ context }) {
          contexts.push(context);
          return 1;
        },
      ],
    });
    expect(contexts).toEqual(["of the row"]);
  });
});

test("traces of one session that are scored are not taken for independent", async () => {
  const { traces, experiments } = await at.open();
  const { experimentId } = await experiments.ensureExperiment("production");
  for (let i = 0; i < 6; i += 1) {
    const traceId = `tr-${i}${"0".repeat(31)}`;
    await traces.writeTrace(
      {
        ...{ traceId, experimentId, name: "chat", state: "OK", startTime: i, spanCount: 1 },
        metadata: { "mlflow.trace.session": `s${i % 3}` },
      },
      [
        {
          ...{ traceId: traceId.slice(3), spanId: "1".repeat(16), name: "chat", type: "CHAIN" },
          ...{ startNs: 0n, endNs: 1n, status: "OK", attributes: {}, events: [] },
          ...{ inputs: { question: "q" }, outputs: "a" },
        },
      ],
    );
  }
  const result = await at.evaluate({
    data: { traces: "", experiment: "production" },
    scorers: [measured],
    gates: ["measured >= 1"],
  });
  expect(result.gates[0]?.counts).toMatchObject({ scored: 6 });
  expect(await (await at.open()).results.rowGroups(result.runId)).toEqual(
    new Map([5, 4, 3, 2, 1, 0].map((i, ordinal) => [ordinal, `s${i % 3}`])),
  );
});
