import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterEach, describe, expect, test } from "vitest";
import { isAssayError } from "../../src/core/index.ts";
import {
  anthropicModel,
  type ChatModel,
  type ChatRequest,
  openaiModel,
  resolveModel,
} from "../../src/models/index.ts";
import {
  type ProviderReply,
  type ProviderRequest,
  type ProviderServer,
  startProviderServer,
} from "../support/provider-server.ts";

let server: ProviderServer;

afterEach(() => server.close());

async function serve(reply: (request: ProviderRequest) => ProviderReply): Promise<void> {
  server = await startProviderServer({ reply });
}

const resolve = (uri: string, options: { maxRetries?: number; timeoutMs?: number } = {}) =>
  resolveModel(uri, { env: server.env, maxRetries: 0, ...options });

const schema = {
  type: "object",
  properties: {
    rationale: { type: "string" },
    score: { type: "integer", minimum: 1, maximum: 5 },
  },
  required: ["rationale", "score"],
  additionalProperties: false,
} as const;

const request = (extra: Partial<ChatRequest> = {}): ChatRequest => ({
  messages: [
    { role: "system", content: "You grade answers." },
    { role: "user", content: "Grade this." },
  ],
  ...extra,
});

async function failure(model: ChatModel, extra: Partial<ChatRequest> = {}) {
  const error = await model.generate(request(extra)).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isAssayError(error)) throw new Error(`Expected an AssayError, got ${String(error)}`);
  return { code: error.code, message: error.message, cause: error.cause };
}

describe("openai", () => {
  test("a reply arrives with its model, finish reason and usage", async () => {
    await serve(() => ({
      text: "four",
      model: "gpt-4o-mini-2024-07-18",
      usage: { inputTokens: 12, outputTokens: 3 },
    }));
    const model = await resolve("openai:/gpt-4o-mini");
    expect(await model.generate(request())).toEqual({
      text: "four",
      model: "gpt-4o-mini-2024-07-18",
      finishReason: "stop",
      usage: {
        inputTokens: 12,
        outputTokens: 3,
        cost: expect.closeTo(12 * 0.15e-6 + 3 * 0.6e-6, 12),
      },
      attempts: 1,
    });
    expect(server.requests[0]?.path).toBe("/v1/chat/completions");
    expect(server.requests[0]?.headers.authorization).toBe("Bearer key-of-the-openai-test");
  });

  test("usage that the provider does not report stays absent", async () => {
    await serve(() => ({ text: "four" }));
    expect(await (await resolve("openai:/m")).generate(request())).not.toHaveProperty("usage");
  });

  test.each([
    [null, null],
    ["12", "3"],
    [-1, Number.NaN],
  ])("usage of %j and %j tokens is none", async (prompt, completion) => {
    const message = { role: "assistant", content: "four" };
    const usage = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt };
    await serve(() => ({
      rawBody: JSON.stringify({ id: "c", choices: [{ index: 0, message }], usage }),
    }));
    const reply = await (await resolve("openai:/gpt-4o-mini")).generate(request());
    expect(reply.text).toBe("four");
    expect(reply).not.toHaveProperty("usage");
  });

  test("only the parameters that were given are sent, under the API's names", async () => {
    await serve(() => ({ text: "" }));
    const parameters = { temperature: 0, topP: 0.5, maxTokens: 9, seed: 7, stop: ["#"] };
    await (await resolve("openai:/m")).generate(request({ parameters }));
    expect(server.requests[0]?.body).toEqual({
      model: "m",
      messages: request().messages,
      temperature: 0,
      top_p: 0.5,
      max_tokens: 9,
      seed: 7,
      stop: ["#"],
    });
  });

  test("a response schema goes out as strict structured output, properties in their order", async () => {
    await serve(() => ({ text: "{}" }));
    const model = await resolve("openai:/m");
    await model.generate(request({ responseSchema: { name: "verdict", schema } }));
    const format = server.requests[0]?.body.response_format;
    expect(format).toEqual({
      type: "json_schema",
      json_schema: { name: "verdict", schema, strict: true },
    });
    expect(JSON.stringify(format).indexOf("rationale")).toBeLessThan(
      JSON.stringify(format).indexOf("score"),
    );
  });

  test("a server without structured output is asked for less, once, and remembered", async () => {
    await serve(({ body }) =>
      body.response_format === undefined
        ? { text: "ok" }
        : { error: { message: "Unknown field: response_format", param: "response_format" } },
    );
    const model = await resolve("openai:/m");
    const asked = request({ responseSchema: { name: "verdict", schema } });
    expect((await model.generate(asked)).text).toBe("ok");
    expect((await model.generate(asked)).text).toBe("ok");
    const kinds = server.requests.map(
      ({ body }) => (body.response_format as { type?: string } | undefined)?.type,
    );
    expect(kinds).toEqual(["json_schema", "json_object", undefined, undefined]);
  });

  test("a 422 whose reason the SDK drops counts as a refusal of structured output", async () => {
    await serve(({ body }) =>
      (body.response_format as { type?: string } | undefined)?.type === "json_schema"
        ? { status: 422, rawBody: '{"detail":[{"loc":["body","response_format"]}]}' }
        : { text: "ok" },
    );
    const model = await resolve("openai:/m");
    await model.generate(request({ responseSchema: { name: "verdict", schema } }));
    expect(server.requests[1]?.body.response_format).toEqual({ type: "json_object" });
  });

  test("a reasoning model's refusals rename max_tokens and drop temperature, and are remembered", async () => {
    await serve(({ body }) => {
      if (body.max_tokens !== undefined) {
        const message =
          "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
        return { error: { message, param: "max_tokens", code: "unsupported_parameter" } };
      }
      if (body.temperature !== undefined) {
        const message = "Unsupported value: 'temperature' does not support 0 with this model.";
        return { error: { message, param: "temperature", code: "unsupported_value" } };
      }
      return { text: "ok" };
    });
    const model = await resolve("openai:/o9");
    const asked = request({
      parameters: { temperature: 0, maxTokens: 100 },
      responseSchema: { name: "verdict", schema },
    });
    await model.generate(asked);
    await model.generate(asked);
    expect(server.requests).toHaveLength(4);
    expect(server.requests[3]?.body).toMatchObject({ max_completion_tokens: 100 });
    expect(server.requests[3]?.body).not.toHaveProperty("temperature");
    expect(server.requests[3]?.body).toHaveProperty("response_format.type", "json_schema");
  });

  test("a refusal is kept apart from the text", async () => {
    await serve(() => ({ refusal: "I can't help with that." }));
    expect(await (await resolve("openai:/m")).generate(request())).toMatchObject({
      text: "",
      refusal: "I can't help with that.",
    });
  });

  test("an empty reply stopped by the content filter is a refusal", async () => {
    await serve(() => ({ text: "", finishReason: "content_filter" }));
    const response = await (await resolve("openai:/m")).generate(request());
    expect(response.refusal).toContain("content filter");
  });

  test("the caller's own client is called, with its base URL and headers", async () => {
    await serve(() => ({ text: "mine" }));
    const client = new OpenAI({
      apiKey: "mine",
      baseURL: `${server.url}/custom`,
      defaultHeaders: { "x-team": "search" },
    });
    const model = openaiModel(client, { model: "m" });
    expect(model.uri).toBe("openai:/m");
    expect((await model.generate(request())).text).toBe("mine");
    expect(server.requests[0]?.path).toBe("/custom/chat/completions");
    expect(server.requests[0]?.headers["x-team"]).toBe("search");
  });
});

describe("openai-compatible", () => {
  test("no key and no OpenAI account is sent where none is named", async () => {
    await serve(() => ({ text: "local" }));
    const env = { OPENAI_API_KEY: "sk-never-to-be-sent-elsewhere", OPENAI_ORG_ID: "org-1" };
    const uri = `openai-compatible:/llama3.1:8b?base_url=${server.url}/v1`;
    const model = await resolveModel(uri, { env });
    expect((await model.generate(request())).text).toBe("local");
    expect(server.requests[0]?.headers).not.toHaveProperty("authorization");
    expect(server.requests[0]?.headers).not.toHaveProperty("openai-organization");
    expect(server.requests[0]?.model).toBe("llama3.1:8b");
  });

  test("the key comes from the variable that the URI names", async () => {
    await serve(() => ({ text: "local" }));
    const uri = `openai-compatible:/m?base_url=${server.url}/v1&api_key_env=VLLM_KEY`;
    await (await resolveModel(uri, { env: { VLLM_KEY: "abc" } })).generate(request());
    expect(server.requests[0]?.headers.authorization).toBe("Bearer abc");
  });
});

describe("anthropic", () => {
  test("the system message is separate, and cached tokens count as input", async () => {
    await serve(() => ({
      text: "five",
      usage: { inputTokens: 10, outputTokens: 4, cacheReadTokens: 100, cacheWriteTokens: 20 },
    }));
    const model = await resolve("anthropic:/claude-x");
    const response = await model.generate(request({ parameters: { temperature: 0, seed: 3 } }));
    expect(response).toEqual({
      text: "five",
      model: "claude-x",
      finishReason: "end_turn",
      usage: { inputTokens: 130, outputTokens: 4 },
      attempts: 1,
    });
    expect(server.requests[0]?.body).toEqual({
      model: "claude-x",
      max_tokens: 1024,
      system: "You grade answers.",
      messages: [{ role: "user", content: "Grade this." }],
      temperature: 0,
    });
  });

  test("a response schema goes out as structured output, without the bounds this API refuses", async () => {
    await serve(() => ({ text: "{}" }));
    const model = await resolve("anthropic:/m");
    await model.generate(request({ responseSchema: { name: "verdict", schema } }));
    expect(server.requests[0]?.body.output_config).toEqual({
      format: {
        type: "json_schema",
        schema: {
          ...schema,
          properties: { rationale: { type: "string" }, score: { type: "integer" } },
        },
      },
    });
  });

  test("a model without structured output is given one forced tool, and that is remembered", async () => {
    await serve(({ body }) =>
      body.output_config === undefined
        ? { text: '{"rationale":"good","score":4}' }
        : { error: { message: "output_config.format: not supported by this model" } },
    );
    const model = await resolve("anthropic:/m");
    const asked = request({ responseSchema: { name: "verdict", schema } });
    expect((await model.generate(asked)).text).toBe('{"rationale":"good","score":4}');
    await model.generate(asked);
    expect(server.requests).toHaveLength(3);
    expect(server.requests[2]?.body.tool_choice).toEqual({ type: "tool", name: "verdict" });
  });

  test("a refusal is a refusal, with the API's explanation", async () => {
    await serve(() => ({ refusal: "This could enable harm." }));
    const response = await (await resolve("anthropic:/m")).generate(request());
    expect(response).toMatchObject({ finishReason: "refusal", refusal: "This could enable harm." });
  });

  test("the caller's own client is called", async () => {
    await serve(() => ({ text: "mine" }));
    const client = new Anthropic({ apiKey: "mine", baseURL: server.url });
    expect((await anthropicModel(client, { model: "m" }).generate(request())).text).toBe("mine");
  });
});

describe.each(["openai:/m", "anthropic:/m"])("failures of %s", (uri) => {
  test.each([
    [401, "configuration"],
    [403, "configuration"],
    [404, "configuration"],
    [400, "provider"],
    [413, "provider"],
    [408, "unavailable"],
    [409, "unavailable"],
    [429, "unavailable"],
    [500, "unavailable"],
    [529, "unavailable"],
  ])("HTTP %i is %s", async (status, code) => {
    await serve(() => ({ status }));
    expect((await failure(await resolve(uri))).code).toBe(code);
  });

  test("a rejected key is never quoted, and the variable to check is named", async () => {
    const message = "Incorrect API key provided: key-of-the-openai-test";
    await serve(() => ({ status: 401, error: { message } }));
    const error = await failure(await resolve(uri));
    expect(error.message).not.toContain("key-of-the");
    expect(error.message).toMatch(/check (OPENAI|ANTHROPIC)_API_KEY\./);
  });

  test("what the provider said is shown, shortened and without the key", async () => {
    const message = `No quota left for key-of-the-openai-test or key-of-the-anthropic-test. ${"x".repeat(900)}`;
    await serve(() => ({ status: 403, error: { message } }));
    const error = await failure(await resolve(uri));
    expect(error.message).toContain("No quota left for");
    expect(error.message.length).toBeLessThan(320);
    expect(error.message).toContain("[redacted]");
  });

  test("a provider that quotes the prompt is not quoted", async () => {
    const secret = "The patient's name is Margarete Beispiel, born in Ulm.";
    await serve(({ text }) => ({ status: 400, error: { message: `Cannot process: ${text}` } }));
    const { message } = await failure(await resolve(uri), {
      messages: [{ role: "user", content: secret }],
    });
    expect(message).not.toContain("Margarete");
    expect(message).toContain("refused the call (HTTP 400)");
  });

  test("a 429 is retried after the time the provider asks for", async () => {
    await serve(({ index }) =>
      index === 0 ? { status: 429, headers: { "retry-after-ms": "1" } } : { text: "later" },
    );
    const model = await resolve(uri, { maxRetries: 1 });
    expect((await model.generate(request())).text).toBe("later");
    expect(server.requests).toHaveLength(2);
  });

  test.each([
    ["a socket closed before the answer", { hangUp: "before" }, "unavailable"],
    [
      "a socket closed within the answer",
      { hangUp: "during", text: "x".repeat(9_000) },
      "unavailable",
    ],
    ["an answer that is not JSON", { rawBody: "<html>" }, "provider"],
    ["an empty body", { rawBody: "" }, "provider"],
    ["a web page", { rawBody: "<p>hi</p>", headers: { "content-type": "text/html" } }, "provider"],
    ["JSON of another shape", { rawBody: '{"hello":"world"}' }, "provider"],
  ] satisfies [string, ProviderReply, string][])("%s is told apart", async (_name, reply, code) => {
    await serve(() => reply);
    const error = await failure(await resolve(uri));
    expect(error.code).toBe(code);
    expect(error.message).not.toContain("\n");
  });

  test("silence ends at the timeout as unavailable", async () => {
    await serve(() => ({ silent: true }));
    const error = await failure(await resolve(uri, { timeoutMs: 40 }));
    expect(error).toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("in time"),
    });
  });

  test("an aborted call is cancelled, one past its deadline is unavailable", async () => {
    const controller = new AbortController();
    await serve(() => {
      controller.abort();
      return { silent: true };
    });
    const model = await resolve(uri);
    expect((await failure(model, { signal: controller.signal })).code).toBe("cancelled");
    expect((await failure(model, { signal: AbortSignal.timeout(20) })).code).toBe("unavailable");
  });

  test("a server that is not there is named with its address", async () => {
    await serve(() => ({}));
    const model = await resolve(uri);
    await server.close();
    const error = await failure(model);
    expect(error.code).toBe("unavailable");
    expect(error.message).toContain(server.url);
    expect(error.cause).toBeInstanceOf(Error);
  });
});

describe.each(["openai:/m", "anthropic:/m"])("%s with a schema", (uri) => {
  const asked = request({ responseSchema: { name: "verdict", schema } });
  const isPlain = ({ response_format, output_config, tools }: ProviderRequest["body"]) =>
    (response_format ?? output_config ?? tools) === undefined;
  const bodies = () => server.requests.map(({ body }) => body);

  test.each([
    "JSON mode is not enabled for this model",
    "guided decoding failed: invalid grammar",
    "Bad request",
  ])(
    "that is refused with %j is asked once without it, and that is remembered",
    async (message) => {
      await serve(({ body }) => (isPlain(body) ? { text: "Score: 4" } : { error: { message } }));
      expect((await (await resolve(uri)).generate(asked)).text).toBe("Score: 4");
      // By another object for the same model as well.
      expect((await (await resolve(uri)).generate(asked)).text).toBe("Score: 4");
      expect(bodies().map(isPlain)).toEqual([false, true, true]);
    },
  );

  test("is refused as it was at first where it is refused without one as well", async () => {
    await serve(({ body }) => ({
      error: { message: isPlain(body) ? "Still no." : "Invalid 'messages[0].role'." },
    }));
    const { code, message } = await failure(await resolve(uri), asked);
    expect([code, message]).toEqual(["provider", expect.stringContaining("messages[0].role")]);
    expect(bodies().map(isPlain)).toEqual([false, true]);
  });

  test("is refused once to each of several calls at a time, of which one finds out", async () => {
    await serve(({ body }) =>
      isPlain(body) ? { text: "ok" } : { error: { message: "response_format, output_config" } },
    );
    const models = await Promise.all(Array.from({ length: 6 }, () => resolve(uri)));
    await Promise.all(models.map((model) => model.generate(asked)));
    const refused = bodies().filter((body) => !isPlain(body)).length;
    // The one that finds out may be refused in both forms that a schema has.
    expect(refused).toBeLessThanOrEqual(6 + 1);
    await (await resolve(uri)).generate(asked);
    expect(bodies().filter((body) => !isPlain(body))).toHaveLength(refused);
  });

  test("and without one, a refusal is not answered with another request", async () => {
    await serve(() => ({ error: { message: "Bad request" } }));
    await failure(await resolve(uri));
    expect(server.requests).toHaveLength(1);
  });
});
