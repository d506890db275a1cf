import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { trace } from "@opentelemetry/api";
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Span } from "../../src/core/index.ts";
import * as anthropic from "../../src/tracing/anthropic/index.ts";
import { startTracing, withSpan } from "../../src/tracing/index.ts";
import * as openai from "../../src/tracing/openai/index.ts";
import {
  type Exchange,
  type Fault,
  type ReplayServer,
  startReplayServer,
} from "../support/replay-server.ts";
import { captureTraces, treeOf } from "./captured-traces.ts";
import {
  anthropicBusy,
  anthropicMessage,
  anthropicOverloaded,
  anthropicStream,
  chat,
  chatStream,
  failingStream,
  interleaved,
  rateLimited,
  responseFailed,
  responseIncomplete,
  unauthorized,
} from "./exchanges.ts";
import { anthropicClient, isIterable, modelSpans, openaiClient } from "./recorded-calls.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

let server: ReplayServer;
const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);
beforeAll(async () => {
  server = await startReplayServer();
  startTracing();
  process.on("unhandledRejection", note);
});
afterAll(async () => {
  process.off("unhandledRejection", note);
  await server.close();
});
afterEach(async () => {
  await nextTurn();
  expect(unhandled.splice(0)).toEqual([]);
});

type Client = OpenAI | ReturnType<typeof anthropicClient>;

function clientFor(exchange: Exchange, fault?: Fault, more = {}): Client {
  const url = server.serve(exchange, fault);
  return exchange.endpoint === "messages"
    ? anthropic.wrap(anthropicClient(url, more))
    : openai.wrap(openaiClient(url, more));
}

function create(client: Client, { endpoint, request }: Exchange, options?: object): unknown {
  const resource =
    endpoint === "messages"
      ? (client as ReturnType<typeof anthropicClient>).messages
      : endpoint === "responses"
        ? (client as OpenAI).responses
        : (client as OpenAI).chat.completions;
  return (resource as unknown as { create(body: unknown, options?: object): unknown }).create(
    request.body,
    options,
  );
}

/** The only span of a model call that `work` makes, and what it threw. */
async function callSpan(work: () => Promise<unknown>): Promise<Span & { thrown?: string }> {
  const { traces, outcome } = await captureTraces(work);
  const spans = modelSpans(traces);
  expect(spans).toHaveLength(1);
  const thrown =
    outcome.status === "rejected" ? (outcome.reason as Error).constructor.name : undefined;
  return { ...(spans[0] as Span), ...(thrown !== undefined && { thrown }) };
}

const textOf = (span: Span): string =>
  (span.outputs as { parts: { type: string; content?: string }[] }[])
    .flatMap(({ parts }) => parts)
    .map((part) => (part.type === "text" ? part.content : ""))
    .join("");

async function readAll(stream: unknown, most = Number.POSITIVE_INFINITY): Promise<number> {
  let count = 0;
  if (!isIterable(stream)) throw new Error("Expected a stream");
  for await (const _chunk of stream) if (++count >= most) break;
  return count;
}

describe("a call", () => {
  test("has an allow-list of parameters, its server, and tokens with their parts", async () => {
    const client = clientFor(chat);
    const span = await callSpan(async () => create(client, chat));
    expect(span.name).toBe("chat gpt-test");
    expect(span.inputs).toEqual([
      { role: "user", parts: [{ type: "text", content: "Count to five" }] },
    ]);
    const { "gen_ai.response.time_to_first_chunk": _first, ...attributes } = span.attributes;
    expect(attributes).toEqual({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "gpt-test",
      "gen_ai.request.temperature": 0,
      "gen_ai.response.id": "chatcmpl-1",
      "gen_ai.response.model": "gpt-test-2026",
      "gen_ai.response.finish_reasons": ["stop"],
      "gen_ai.usage.input_tokens": 11,
      "gen_ai.usage.output_tokens": 9,
      "gen_ai.usage.cache_read.input_tokens": 4,
      "gen_ai.usage.reasoning.output_tokens": 2,
      "server.address": "127.0.0.1",
      "server.port": server.port,
    });
  });

  test("of Anthropic counts cached tokens as input, as its own instrumentation does", async () => {
    const client = clientFor(anthropicMessage);
    const span = await callSpan(async () => create(client, anthropicMessage));
    // 1 + 2 750 + 318, from a recording of the peers' comparison.
    expect(span.attributes["gen_ai.usage.input_tokens"]).toBe(3069);
    expect(span.attributes["gen_ai.usage.cache_read.input_tokens"]).toBe(2750);
    expect(span.attributes["gen_ai.usage.cache_write.input_tokens"]).toBe(318);
  });

  test("is recorded once, whatever wraps it and whatever else traces it", async () => {
    const client = clientFor(anthropicMessage);
    anthropic.wrap(anthropic.wrap(client));
    const { traces } = await captureTraces(() =>
      withSpan(async () => create(client, anthropicMessage), { name: "app" }),
    );
    expect(traces.map(treeOf)).toEqual([
      [{ "app UNKNOWN": [{ "chat claude-test CHAT_MODEL": [] }] }],
    ]);
    const bare = anthropicClient(server.serve(anthropicMessage));
    await anthropic.autolog();
    const tracer = trace.getTracer("app");
    const { traces: both } = await captureTraces(() =>
      tracer.startActiveSpan("app", async (span) => {
        await create(anthropic.wrap(bare), anthropicMessage);
        await bare.messages
          .stream(anthropicStream.request.body as never)
          .finalMessage()
          .catch(() => 0);
        span.end();
      }),
    );
    anthropic.stopAutolog();
    expect(both.flatMap(({ spans }) => spans.map(({ name }) => name))).toEqual([
      "app",
      "chat claude-test",
      "chat claude-test",
    ]);
  });

  test("keeps the SDK's own promise: withResponse, asResponse, parse", async () => {
    const client = clientFor(chat) as OpenAI;
    const body = chat.request.body as unknown as OpenAI.ChatCompletionCreateParamsNonStreaming;
    const { data, response, request_id } = await client.chat.completions
      .create(body)
      .withResponse();
    expect([data.id, response.status, request_id]).toEqual(["chatcmpl-1", 200, null]);
    const span = await callSpan(async () => {
      const raw = await client.chat.completions.create(body).asResponse();
      expect(((await raw.json()) as { id: string }).id).toBe("chatcmpl-1");
    });
    expect(span.status).toBe("UNSET");
    const parsed = await callSpan(async () => {
      const { choices } = await client.chat.completions.parse(body);
      expect(choices[0]?.message.content).toBe("1 2 3 4 5");
    });
    expect(textOf(parsed)).toBe("1 2 3 4 5");
  });

  test("of a client with other options is traced as well", async () => {
    const client = (clientFor(chat) as OpenAI).withOptions({ timeout: 1000 });
    expect((await callSpan(async () => create(client, chat))).name).toBe("chat gpt-test");
  });

  test("leaves out what was said where that is switched off", async () => {
    const client = openai.wrap(openaiClient(server.serve(chat)), { content: false });
    const span = await callSpan(async () => create(client, chat));
    expect(span).not.toHaveProperty("inputs");
    expect(span).not.toHaveProperty("outputs");
    expect(span.attributes["gen_ai.usage.input_tokens"]).toBe(11);
  });

  test("is recorded as it was made, whatever becomes of its objects", async () => {
    const body = structuredClone(chat.request.body) as {
      messages: { content: string }[];
      temperature?: number;
    };
    const span = await callSpan(async () => {
      const client = clientFor(chat);
      const answer = create(client, { ...chat, request: { ...chat.request, body } }) as Promise<{
        choices: { message: { content: string } }[];
      }>;
      await nextTurn();
      for (const message of body.messages) message.content = "overwritten";
      body.temperature = 7;
      for (const { message } of (await answer).choices) message.content = "overwritten";
    });
    expect(JSON.stringify([span.inputs, span.outputs])).not.toContain("overwritten");
    expect(span.attributes["gen_ai.request.temperature"]).not.toBe(7);
  });
});

describe("a call that fails", () => {
  test.each([
    ["401", unauthorized, "AuthenticationError", 401],
    ["429", rateLimited, "RateLimitError", 429],
    ["529", anthropicBusy, "OverloadedError", 529],
  ])(
    "with HTTP %s has its class, its status and no second error",
    async (_, exchange, type, status) => {
      const client = clientFor(exchange);
      const span = await callSpan(async () => create(client, exchange));
      expect(span).toMatchObject({
        status: "ERROR",
        thrown: type,
        attributes: { "error.type": type, "http.response.status_code": status },
      });
      expect(span.events[0]?.attributes["exception.type"]).toBe(type);
    },
  );

  test("and is tried again is one call", async () => {
    const client = clientFor(rateLimited, undefined, { maxRetries: 2 });
    const span = await callSpan(async () => create(client, rateLimited));
    expect(span.status).toBe("ERROR");
    expect(server.seen(rateLimited.id).requests).toBe(3);
  });

  test("because nobody listens", async () => {
    const client = openai.wrap(openaiClient("http://127.0.0.1:9"));
    const span = await callSpan(async () => create(client, chat));
    expect(span).toMatchObject({ status: "ERROR", thrown: "APIConnectionError" });
    expect(span.attributes["error.type"]).toBe("APIConnectionError");
  });

  test("called off before it began is no failure", async () => {
    const client = clientFor(chat);
    const signal = AbortSignal.abort();
    const span = await callSpan(async () => create(client, chat, { signal }));
    expect(span).toMatchObject({
      status: "UNSET",
      thrown: "APIUserAbortError",
      attributes: { "assay.stream.interrupted": "aborted" },
    });
  });
});

describe("a stream", () => {
  test("keeps choices and calls of tools apart", async () => {
    const client = clientFor(interleaved);
    const span = await callSpan(async () => readAll(await create(client, interleaved)));
    const expected = [0, 1].map((index) => ({
      role: "assistant",
      parts: [
        { type: "text", content: `choice ${index}: ` },
        ...[0, 1].map((tool) => ({
          type: "tool_call",
          id: `call-${index}-${tool}`,
          name: `tool${tool}`,
          arguments: { x: 1 },
        })),
      ],
      finish_reason: "tool_call",
    }));
    expect(span.outputs).toEqual(expected);
    expect(span.attributes["gen_ai.response.finish_reasons"]).toEqual(["tool_calls", "tool_calls"]);
  });

  test.each([
    ["OpenAI's", chatStream, 3, "1 2", ["error"]],
    ["Anthropic's", anthropicStream, 6, "1 2", ["error"]],
  ])(
    "of %s that is broken off keeps what came, and the server sees it",
    async (_, exchange, most, text, reasons) => {
      const client = clientFor(exchange);
      const span = await callSpan(async () => {
        expect(await readAll(await create(client, exchange), most)).toBe(most);
      });
      await server.whenOver(exchange.id);
      expect(span).toMatchObject({
        status: "UNSET",
        attributes: {
          "assay.stream.interrupted": "broken-off",
          "assay.stream.chunk_count": most,
          "gen_ai.response.finish_reasons": reasons,
          "gen_ai.response.time_to_first_chunk": expect.any(Number),
        },
      });
      expect(textOf(span)).toBe(text);
    },
  );

  test("that is aborted in the middle ends as the SDK has it end", async () => {
    const client = clientFor(chatStream, { stallAfter: 3 });
    const span = await callSpan(async () => {
      const stream = (await create(client, chatStream)) as AsyncIterable<unknown> & {
        controller: AbortController;
      };
      let count = 0;
      for await (const _chunk of stream) if (++count === 3) stream.controller.abort();
      expect(count).toBe(3);
    });
    await server.whenOver(chatStream.id);
    expect(server.seen(chatStream.id).closed).toBe(true);
    expect(textOf(span)).toBe("1 2");
    expect(span.attributes["assay.stream.interrupted"]).toBe("aborted");
  });

  test.each([
    ["cut connection", chatStream, { cutAfter: 3 }, "1 2"],
    ["an error that the provider sends", failingStream, {}, "1 2"],
    ["Anthropic's error event", anthropicOverloaded, {}, "1 2"],
  ])("that fails by %s keeps what came", async (_, exchange, fault, text) => {
    const bare =
      exchange.endpoint === "messages"
        ? anthropicClient(server.serve(exchange, fault))
        : openaiClient(server.serve(exchange, fault));
    const expected = await (async () => readAll(await create(bare, exchange)))().then(
      () => undefined,
      (error: Error) => error.constructor.name,
    );
    expect(expected).toBeDefined();
    const client = clientFor(exchange, fault);
    const span = await callSpan(async () => readAll(await create(client, exchange)));
    expect(span).toMatchObject({ status: "ERROR", thrown: expected });
    expect(span.attributes["error.type"]).toBe(expected);
    expect(textOf(span)).toBe(text);
  });

  test("that is never read ends when it is forgotten", async () => {
    const client = clientFor(chatStream);
    const span = await callSpan(async () => {
      await (async () => void (await create(client, chatStream)))();
      for (let i = 0; i < 20; i++) {
        await nextTurn();
        collectGarbage();
      }
    });
    expect(span.attributes["assay.stream.interrupted"]).toBe("abandoned");
  });

  test("stays the SDK's own: tee, toReadableStream and helpers read it", async () => {
    const client = clientFor(chatStream) as OpenAI;
    const body = chatStream.request.body as unknown as OpenAI.ChatCompletionCreateParamsStreaming;
    const teed = await callSpan(async () => {
      const [left, right] = (await client.chat.completions.create(body)).tee();
      expect([await readAll(left), await readAll(right)]).toEqual([8, 8]);
    });
    expect(textOf(teed)).toBe("1 2 3 4 5");
    const helped = await callSpan(async () => {
      const { stream: _stream, ...rest } = body;
      const final = await client.chat.completions.stream(rest).finalChatCompletion();
      expect(final.choices[0]?.message.content).toBe("1 2 3 4 5");
    });
    expect(helped.attributes["gen_ai.usage.output_tokens"]).toBe(9);
    const readable = await callSpan(async () => {
      const stream = await client.chat.completions.create(body);
      expect(await readAll(stream.toReadableStream())).toBe(8);
    });
    expect(textOf(readable)).toBe("1 2 3 4 5");
  });

  test("of Anthropic's helper has thinking, text and a tool's arguments", async () => {
    const client = clientFor(anthropicStream) as ReturnType<typeof anthropicClient>;
    const { stream: _stream, ...body } = anthropicStream.request.body;
    const span = await callSpan(async () => client.messages.stream(body as never).finalMessage());
    expect(span.outputs).toEqual([
      {
        role: "assistant",
        parts: [
          { type: "reasoning", content: "hm" },
          { type: "text", content: "1 2 3" },
          { type: "tool_call", id: "toolu_1", name: "count", arguments: { to: 5 } },
        ],
        finish_reason: "tool_call",
      },
    ]);
    expect(span.attributes["gen_ai.usage.input_tokens"]).toBe(130);
    expect(span.attributes["gen_ai.usage.output_tokens"]).toBe(25);
  });

  test.each([
    [responseIncomplete, "length", 3],
    [responseFailed, "error", undefined],
  ])(
    "of the Responses API that does not complete says why: $id",
    async (exchange, reason, tokens) => {
      const client = clientFor(exchange);
      const span = await callSpan(async () => readAll(await create(client, exchange)));
      expect(span.attributes["gen_ai.response.finish_reasons"]).toEqual([reason]);
      expect(span.attributes["gen_ai.usage.output_tokens"]).toBe(tokens);
      expect(textOf(span)).toBe("1 2");
      expect(span.attributes["gen_ai.system_instructions"]).toBe(
        '[{"type":"text","content":"Be brief"}]',
      );
      expect(span.attributes).toMatchObject({
        "gen_ai.prompt.name": "pmpt_1",
        "gen_ai.prompt.version": "2",
      });
    },
  );

  test("of the Responses API that is broken off is put together from its pieces", async () => {
    const client = clientFor(responseIncomplete);
    const span = await callSpan(async () => readAll(await create(client, responseIncomplete), 4));
    expect(textOf(span)).toBe("1 2");
    expect(span.attributes["gen_ai.response.id"]).toBe("resp_1");
  });
});

describe("autolog", () => {
  test("traces every client of the package, old ones included, until it is stopped", async () => {
    const client = openaiClient(server.serve(chat));
    await openai.autolog();
    await openai.autolog();
    const span = await callSpan(async () => create(client, chat));
    expect(span.name).toBe("chat gpt-test");
    openai.stopAutolog();
    const { traces } = await captureTraces(async () => create(client, chat));
    expect(traces).toEqual([]);
  });

  test("reaches the CommonJS copy of the package, whose classes are others", async () => {
    const { createRequire } = await import("node:module");
    const require = createRequire(import.meta.url);
    const { OpenAI: Other } = require("openai") as { OpenAI: typeof OpenAI };
    expect(Other).not.toBe(OpenAI);
    await openai.autolog();
    const client = new Other({ apiKey: "test", baseURL: `${server.serve(chat)}/v1` });
    expect((await callSpan(async () => create(client, chat))).name).toBe("chat gpt-test");
    openai.stopAutolog();
  });

  test("what is no client cannot be wrapped", () => {
    expect(() => openai.wrap({})).toThrow("Expected a client of the openai package");
    expect(() => anthropic.wrap({})).toThrow("Expected a client of @anthropic-ai/sdk");
  });
});
