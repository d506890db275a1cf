import { ChatAnthropic } from "@langchain/anthropic";
import { FakeListChatModel } from "@langchain/core/utils/testing";
import { ChatOpenAI } from "@langchain/openai";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { redactText, type Score, type Scorer } from "../../src/core/index.ts";
import { makeGenaiMetric, relevance } from "../../src/judges/index.ts";
import { functionModel, langchainModel, resolveModel } from "../../src/models/index.ts";
import {
  type ProviderReply,
  type ProviderServer,
  startProviderServer,
} from "../support/provider-server.ts";
import { sampleOf } from "../support/sample.ts";

const VERDICT = '{"rationale":"Direct.","score":5}';
const usage = { inputTokens: 100, outputTokens: 20 };
const row = sampleOf({ inputs: { question: "Which port?" }, outputs: "443" });

let server: ProviderServer;
let reply: (index: number) => ProviderReply;

beforeEach(async () => {
  reply = () => ({ text: VERDICT, usage });
  server = await startProviderServer({ reply: ({ index }) => reply(index) });
});
afterEach(() => server.close());

async function judged(judge: Scorer, env = server.env): Promise<Score> {
  const bound = await judge.scorer.prepare?.({ env });
  return (await bound?.(row)) as Score;
}

describe("azure:/deployment", () => {
  const env = () => ({
    AZURE_OPENAI_API_KEY: "azure-key-of-the-test",
    AZURE_OPENAI_ENDPOINT: server.url,
    OPENAI_API_VERSION: "2025-01-01",
    // Must not be taken for it.
    OPENAI_BASE_URL: "http://127.0.0.1:9/v1",
  });

  test("is called at its resource, with the SDK's own variables", async () => {
    expect(await judged(relevance({ model: "azure:/my-judge" }), env())).toMatchObject({
      value: 5,
    });
    const [request] = server.requests;
    expect(request?.path).toBe(
      "/openai/deployments/my-judge/chat/completions?api-version=2025-01-01",
    );
    expect(request?.headers["api-key"]).toBe("azure-key-of-the-test");
  });

  test("or with MLflow's", async () => {
    const mlflow = { AZURE_API_KEY: "key-of-the-azure-test", AZURE_API_BASE: server.url };
    expect(await judged(relevance({ model: "azure:/j" }), mlflow)).toMatchObject({ value: 5 });
    expect(server.requests[0]?.path).toContain("api-version=2024-10-21");
  });

  test("without them says which are missing", async () => {
    const judge = relevance({ model: "azure:/j" });
    await expect(judged(judge, {})).rejects.toThrow(
      "AZURE_OPENAI_API_KEY is not set (nor AZURE_API_KEY)",
    );
    const { AZURE_OPENAI_ENDPOINT: _, ...rest } = env();
    await expect(judged(judge, rest)).rejects.toThrow("AZURE_OPENAI_ENDPOINT is not set");
  });

  test("a key that is rejected is named", async () => {
    reply = () => ({ status: 401 });
    await expect(judged(relevance({ model: "azure:/j" }), env())).rejects.toMatchObject({
      code: "configuration",
      message: expect.stringContaining("check AZURE_OPENAI_API_KEY"),
    });
  });
});

describe("proxyUrl and extraHeaders", () => {
  test.each(["openai:/m", "anthropic:/m"])(
    "%s: requests go to the proxy, with the headers",
    async (model) => {
      const path = model.startsWith("openai") ? "/gate/chat/completions" : "/gate/messages";
      const judge = relevance({
        model,
        proxyUrl: `${server.url}${path}`,
        extraHeaders: {
          "x-team": "team-of-the-judge",
          authorization: "Bearer token-of-the-gateway",
        },
      });
      const env = { OPENAI_API_KEY: "key-1-of-the-test", ANTHROPIC_API_KEY: "key-2-of-the-test" };
      expect(await judged(judge, env)).toMatchObject({ value: 5 });
      const [request] = server.requests;
      expect(request?.path).toBe(path);
      expect(request?.headers).toMatchObject({
        "x-team": "team-of-the-judge",
        authorization: "Bearer token-of-the-gateway",
      });
      // What a header holds is masked from then on.
      expect(redactText("token-of-the-gateway")).not.toContain("gateway");
    },
  );

  test("do not go with a model that was made with a client of its own", () => {
    const model = functionModel(() => VERDICT, "own");
    const options = { model, extraHeaders: { "x-team": "a" } };
    expect(() => relevance(options)).toThrow("go with a model URI");
    expect(() => relevance({ model: "openai:/m", proxyUrl: "localhost:80" })).not.toThrow();
    const unusable = relevance({ model: "openai:/m", proxyUrl: "localhost:80" });
    return expect(judged(unusable)).rejects.toThrow("http or https address");
  });
});

describe("a LangChain chat model", () => {
  const openai = () =>
    new ChatOpenAI({
      model: "gpt-4o-mini",
      apiKey: "k",
      temperature: 0.3,
      maxRetries: 0,
      configuration: { baseURL: `${server.url}/v1` },
    });

  test("of OpenAI judges with its own structured output, and its usage is read", async () => {
    const model = langchainModel(openai());
    const request = {
      messages: [{ role: "user" as const, content: "Grade it." }],
      responseSchema: {
        name: "grade",
        schema: { type: "object", properties: { score: { type: "number" } }, required: ["score"] },
      },
    };
    expect(await model.generate(request)).toMatchObject({
      text: VERDICT,
      model: "gpt-4o-mini",
      usage: { inputTokens: 100, outputTokens: 20 },
    });
    expect(server.requests).toHaveLength(1);
    expect(JSON.stringify(server.requests[0]?.body)).toContain("json_schema");
    expect(await judged(relevance({ model: openai() }))).toMatchObject({ value: 5 });
  });

  test("of Anthropic answers by a tool, whose arguments are the reply", async () => {
    const model = new ChatAnthropic({
      model: "claude-3-5-haiku-latest",
      apiKey: "k",
      maxRetries: 0,
      anthropicApiUrl: server.url,
    });
    expect(await judged(relevance({ model }))).toMatchObject({ value: 5 });
    expect(server.requests).toHaveLength(1);
  });

  test("that refuses a schema is asked without one, once and for all", async () => {
    reply = (index) =>
      index === 0 ? { status: 400, error: { message: "no response_format" } } : { text: VERDICT };
    const judge = relevance({ model: openai() });
    expect(await judged(judge)).toMatchObject({ value: 5 });
    expect(server.requests).toHaveLength(2);
    expect(await judge(row)).toMatchObject({ value: 5 });
  });

  test("that only chats is parsed", async () => {
    const model = new FakeListChatModel({ responses: ["Score: 4\nIt is direct."] });
    expect(await judged(relevance({ model }))).toMatchObject({ value: 4 });
  });

  test("is identified by what it was made with", () => {
    const { fingerprint, aspects, source } = relevance({ model: openai() }).scorer;
    expect(aspects).toMatchObject({
      provider: "langchain",
      model: "gpt-4o-mini",
      parameters: '{"temperature":0.3}',
    });
    expect(source).toEqual({ kind: "judge", model: "langchain:/gpt-4o-mini" });
    const cooler = new ChatOpenAI({ model: "gpt-4o-mini", apiKey: "k", temperature: 0 });
    expect(relevance({ model: cooler }).scorer.fingerprint).not.toBe(fingerprint);
  });

  test.each([
    [401, "configuration"],
    [503, undefined],
  ])("that answers HTTP %i fails as any model does", async (status, code) => {
    reply = () => ({ status });
    const judging = judged(relevance({ model: openai() }));
    if (code === undefined) {
      expect(await judging).toMatchObject({ reason: "scorer-failed" });
    } else {
      await expect(judging).rejects.toMatchObject({ code });
    }
  });
});

describe("a function as the judge's model", () => {
  test("takes the prompt and gives the reply", async () => {
    const prompts: string[] = [];
    const myModel = async (prompt: string) => {
      prompts.push(prompt);
      return VERDICT;
    };
    const judge = relevance({ model: myModel });
    expect(await judged(judge, {})).toMatchObject({ value: 5 });
    expect(prompts[0]).toContain("impartial judge");
    expect(judge.scorer.source).toEqual({ kind: "judge", model: "function:/myModel" });
  });

  test("that throws leaves its row without a verdict", async () => {
    const broken = () => {
      throw new Error("connection lost");
    };
    expect(await judged(relevance({ model: broken }), {})).toMatchObject({
      reason: "scorer-failed",
      detail: "broken threw Error: connection lost",
    });
  });

  test.each([
    [undefined, "nothing: it may lack a `return`"],
    [null, "null"],
    [4, "a number"],
    [[VERDICT], "a list"],
    [{ content: VERDICT, role: "assistant" }, "an object whose keys are content, role"],
    [{ text: 4 }, "an object whose keys are text"],
  ])(
    "that returns %j leaves its row without a verdict, and is told what to return",
    async (reply, found) => {
      const myModel = () => reply as never;
      expect(await judged(relevance({ model: myModel }), {})).toMatchObject({
        reason: "scorer-failed",
        detail: `Expected the model function myModel to return a text or a response with \`text\`, got ${found}.`,
      });
    },
  );

  test("needs a name, and anything else is no model", () => {
    expect(() =>
      relevance({
        model: (
          () => () =>
            VERDICT
        )(),
      }),
    ).toThrow("functionModel(fn, name)");
    expect(() => relevance({ model: 4 as never })).toThrow("to be a URI");
  });
});

describe("any OpenAI-compatible server", () => {
  test("by openai-compatible:/ or as an endpoint", async () => {
    const base = encodeURIComponent(`${server.url}/v1`);
    const models = [
      `openai-compatible:/llama?base_url=${base}`,
      `endpoints:/${server.url}/v1/chat/completions?model=llama`,
    ];
    for (const model of models) {
      expect(await judged(relevance({ model }), {})).toMatchObject({ value: 5 });
    }
    expect(server.requests.map(({ model }) => model)).toEqual(["llama", "llama"]);
  });

  test("an endpoint that takes rows is no judge", async () => {
    const model = `${server.url}/invocations`;
    await expect(judged(relevance({ model }), {})).rejects.toThrow("needs a chat model");
  });
});

describe("log probabilities", () => {
  const judge = () => relevance({ model: "openai:/m", scoring: "logprobs" });

  test("that a server refuses by name are not asked for again", async () => {
    reply = (index) =>
      index === 0
        ? { status: 400, error: { message: "logprobs is not supported", param: "logprobs" } }
        : { text: VERDICT };
    const bound = await judge().scorer.prepare?.({ env: server.env });
    await bound?.(row);
    await bound?.(row);
    const asked = server.requests.map(({ body }) => body.logprobs === true);
    // Refused, answered without, explained; then explained at once.
    expect(asked).toEqual([true, false, false, false]);
  });

  test("are no option of Anthropic's API, which is told before anything is asked", async () => {
    const claude = relevance({ model: "anthropic:/m", scoring: "logprobs" });
    await expect(judged(claude)).rejects.toMatchObject({ code: "configuration" });
    expect(server.requests).toEqual([]);
  });
});

describe("prompt caching", () => {
  const long = makeGenaiMetric({
    name: "long",
    definition: "What is measured. ".repeat(400),
    gradingPrompt: "From 1 to 5.",
    model: "anthropic:/m",
  });

  test("the part of a long prompt that all rows share stands first, in a block that is marked", async () => {
    await judged(long);
    const [message] = (server.requests[0]?.body.messages ?? []) as {
      content: { text: string; cache_control?: object }[];
    }[];
    const [stable, rest] = message?.content ?? [];
    expect(stable?.cache_control).toEqual({ type: "ephemeral" });
    expect(stable?.text).toMatch(/^Criterion: long\n.*What to grade\n$/s);
    expect(rest?.cache_control).toBeUndefined();
    expect(rest?.text).toMatch(/^<inputs-[0-9a-f]{16}>/);
  });

  test("a prompt too short to be cached is one text", async () => {
    await judged(relevance({ model: "anthropic:/m" }));
    const [message] = (server.requests[0]?.body.messages ?? []) as { content: unknown }[];
    expect(typeof message?.content).toBe("string");
  });

  test("a server that does not know the mark is not sent it again", async () => {
    reply = (index) =>
      index === 0
        ? { status: 400, error: { message: "cache_control: unexpected" } }
        : { text: VERDICT };
    const bound = await long.scorer.prepare?.({ env: server.env });
    expect(await bound?.(row)).toMatchObject({ value: 5 });
    await bound?.(row);
    const marked = server.requests.map(({ body }) =>
      JSON.stringify(body).includes("cache_control"),
    );
    expect(marked).toEqual([true, false, false]);
  });

  test("does not change what an answer is kept under", async () => {
    const kept = new Map<string, string>();
    const cache = {
      get: async (key: string) => kept.get(key),
      set: async (key: string, response: string) => void kept.set(key, response),
    };
    const model = await resolveModel("anthropic:/m", { env: server.env, cache });
    const content = "A question.";
    await model.generate({ messages: [{ role: "user", content }] });
    await model.generate({ messages: [{ role: "user", content, stablePrefix: 2 }] });
    expect(server.requests).toHaveLength(1);
    await model.generate({ messages: [{ role: "user", content }], draw: 1 });
    expect(server.requests).toHaveLength(2);
  });
});
