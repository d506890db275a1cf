import { readdirSync } from "node:fs";
import { Ajv } from "ajv";
import type OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { JsonValue, Span } from "../../src/core/index.ts";
import { wrap as wrapAnthropic } from "../../src/tracing/anthropic/index.ts";
import { wrap as wrapOpenAI } from "../../src/tracing/openai/index.ts";
import { type Exchange, type ReplayServer, startReplayServer } from "../support/replay-server.ts";
import {
  hasRecordedExchanges,
  readShared,
  readSharedLines,
  recordedExchangesTitle,
  sharedPath,
} from "../support/shared.ts";
import { captureTraces } from "./captured-traces.ts";
import { anthropicClient, modelSpans, openaiClient, replay } from "./recorded-calls.ts";

const FOLDER = "fixtures/exchanges";

const files = hasRecordedExchanges
  ? readdirSync(sharedPath(FOLDER)).filter((name) => name.endsWith(".jsonl.gz"))
  : [];

let server: ReplayServer;
beforeAll(async () => {
  // Models of old recordings are deprecated, which the SDK says each time.
  vi.spyOn(console, "warn").mockReturnValue(undefined);
  server = await startReplayServer();
});
afterAll(() => server.close());

type Members = { readonly [name: string]: unknown };

/** What the SDK itself returned, in a few words: what the span has to say as well. */
interface Said {
  readonly id: unknown;
  readonly model: unknown;
  readonly reasons: unknown;
  readonly texts: readonly unknown[];
  readonly calls: readonly unknown[];
  readonly usage: readonly unknown[];
}

const absent = (value: unknown) => (value === null || value === "" ? undefined : value);

function saidByChat(completion: OpenAI.ChatCompletion): Said {
  const { id, model, choices = [], usage } = completion;
  const texts = choices.map(
    ({ message }) => flatText(message?.content) ?? absent(message?.audio?.transcript),
  );
  return {
    id: absent(id),
    model: absent(model),
    reasons: choices.map(({ finish_reason }) => finish_reason),
    texts,
    calls: choices.flatMap(({ message }) => [
      ...(message?.tool_calls ?? []).map((call) =>
        call.type === "custom"
          ? [call.id, call.custom.name, call.custom.input]
          : [call.id, call.function.name, normal(call.function.arguments)],
      ),
      ...(message?.function_call
        ? [[undefined, message.function_call.name, normal(message.function_call.arguments)]]
        : []),
    ]),
    usage: [
      usage?.prompt_tokens,
      usage?.completion_tokens,
      usage?.prompt_tokens_details?.cached_tokens ??
        (usage as { prompt_cache_hit_tokens?: number } | null)?.prompt_cache_hit_tokens,
      usage?.completion_tokens_details?.reasoning_tokens,
    ].map((count) => count ?? undefined),
  };
}

function flatText(content: unknown): unknown {
  if (!Array.isArray(content)) return absent(content);
  return absent(content.map((part: Members) => part.text ?? "").join(""));
}

/** JSON with another spacing is the same arguments. */
function normal(json: unknown): unknown {
  if (typeof json !== "string") return json;
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return json;
  }
}

function saidBySpan(span: Span): Said {
  const { attributes } = span;
  const messages = (Array.isArray(span.outputs) ? span.outputs : []) as {
    parts: { type: string; content?: string; id?: string; name?: string; arguments?: unknown }[];
  }[];
  return {
    id: attributes["gen_ai.response.id"],
    model: attributes["gen_ai.response.model"],
    reasons: attributes["gen_ai.response.finish_reasons"],
    texts: messages.map(({ parts }) =>
      absent(parts.flatMap((part) => (part.type === "text" ? part.content : [])).join("")),
    ),
    calls: messages.flatMap(({ parts }) =>
      parts.flatMap((part) =>
        part.type === "tool_call" ? [[part.id, part.name, part.arguments]] : [],
      ),
    ),
    usage: [
      "input_tokens",
      "output_tokens",
      "cache_read.input_tokens",
      "reasoning.output_tokens",
    ].map((name) => attributes[`gen_ai.usage.${name}`]),
  };
}

interface Compared {
  readonly exchange: Exchange;
  readonly bare: Awaited<ReturnType<typeof replay>>;
  readonly span: Span;
}

/** Each exchange by the bare SDK and by the traced one: the program sees the same, and one span is made. */
async function compareAll(exchanges: readonly Exchange[]): Promise<Compared[]> {
  const compared: Compared[] = [];
  for (const exchange of exchanges) {
    const url = server.serve(exchange);
    const isAnthropic = exchange.endpoint === "messages";
    const client = () => (isAnthropic ? anthropicClient(url) : openaiClient(url));
    const bare = await replay(exchange, client());
    const wrapped = isAnthropic ? wrapAnthropic(client()) : wrapOpenAI(client());
    let seen: typeof bare | undefined;
    const { traces } = await captureTraces(async () => {
      seen = await replay(exchange, wrapped);
    });
    const shown = (outcome: typeof bare | undefined) => JSON.stringify(outcome);
    expect([exchange.id, shown(seen)]).toEqual([exchange.id, shown(bare)]);
    const spans = modelSpans(traces);
    expect([exchange.id, spans.length]).toEqual([exchange.id, 1]);
    compared.push({ exchange, bare, span: spans[0] as Span });
  }
  return compared;
}

const isStream = ({ tags }: Exchange) => tags?.includes("stream") === true;
const isOk = ({ response }: Exchange) => response.status === 200;

describe.skipIf(!hasRecordedExchanges).each(files)("%s", (file) => {
  let compared: Compared[];
  beforeAll(async () => {
    const exchanges = readSharedLines<Exchange>(`${FOLDER}/${file}`);
    compared = await compareAll(exchanges);
    expect(compared.length).toBe(exchanges.length);
  }, 120_000);

  test("errors have their status and class, and the trace says so", () => {
    for (const { exchange, bare, span } of compared) {
      const hasFailed = bare.thrown !== undefined;
      expect([exchange.id, span.status]).toEqual([exchange.id, hasFailed ? "ERROR" : "UNSET"]);
      if (!hasFailed) continue;
      const [type] = bare.thrown?.split(":") ?? [];
      expect([exchange.id, span.attributes["error.type"]]).toEqual([exchange.id, type]);
      if (isOk(exchange)) continue;
      const { status } = exchange.response;
      expect(span.attributes["http.response.status_code"]).toBe(status);
    }
  });

  test("what the SDK returned at once is what the span says", () => {
    for (const { exchange, bare, span } of compared) {
      if (bare.thrown !== undefined || isStream(exchange)) continue;
      const said = saidBySpan(span);
      if (exchange.endpoint === "chat.completions") {
        expect([exchange.id, said]).toEqual([
          exchange.id,
          saidByChat(bare.value as OpenAI.ChatCompletion),
        ]);
      } else {
        const value = bare.value as Members;
        expect([exchange.id, said.model]).toEqual([exchange.id, value.model]);
        expect(said.id).toEqual(value.id);
        const counted = exchange.endpoint === "embeddings" ? 1 : 2;
        const counts = countsOf(value.usage).slice(0, counted);
        expect([exchange.id, said.usage.slice(0, counted)]).toEqual([exchange.id, counts]);
      }
      if (exchange.endpoint === "responses") {
        expect([exchange.id, said.texts.filter(Boolean).join("")]).toEqual([
          exchange.id,
          (bare.value as { output_text: string }).output_text,
        ]);
      }
      if (exchange.endpoint === "messages") {
        const { content, stop_reason } = bare.value as { content: Members[]; stop_reason: string };
        const texts = content.map((block) => (block.type === "text" ? block.text : ""));
        expect([exchange.id, said.texts[0] ?? ""]).toEqual([exchange.id, texts.join("")]);
        expect(said.reasons).toEqual([stop_reason]);
        const uses = content.filter((block) => block.type === "tool_use");
        expect(said.calls).toEqual(uses.map(({ id, name, input }) => [id, name, input]));
      }
    }
  });

  test("what a stream brought in pieces is what the SDK's own helper makes of it", async () => {
    for (const { exchange, bare, span } of compared) {
      if (!isStream(exchange) || bare.thrown !== undefined) continue;
      const said = saidBySpan(span);
      const chunks = bare.value as Members[];
      expect([exchange.id, span.attributes["assay.stream.chunk_count"]]).toEqual([
        exchange.id,
        chunks.length || undefined,
      ]);
      const whole = await byHelper(exchange, chunks);
      if (whole !== undefined) expect([exchange.id, said]).toEqual([exchange.id, whole]);
    }
  });

  test("messages and tools have the shape of the GenAI conventions", () => {
    const ajv = new Ajv({ strict: false, validateFormats: false });
    const schema = (name: string) => {
      const text = readShared(`fixtures/semconv-genai-schemas/gen-ai-${name}.json`);
      return ajv.compile(JSON.parse(text) as object);
    };
    const input = schema("input-messages");
    const output = schema("output-messages");
    const tools = schema("tool-definitions");
    const system = schema("system-instructions");
    const check = (
      validate: ReturnType<typeof schema>,
      id: string,
      value: JsonValue | undefined,
    ) => {
      if (value === undefined) return;
      const isValid = validate(typeof value === "string" ? JSON.parse(value) : value);
      expect([id, isValid, isValid || validate.errors]).toEqual([id, true, true]);
    };
    for (const { exchange, span } of compared) {
      if (exchange.endpoint === "embeddings") continue;
      check(input, exchange.id, span.inputs);
      check(output, exchange.id, span.outputs);
      check(tools, exchange.id, span.attributes["gen_ai.tool.definitions"]);
      check(system, exchange.id, span.attributes["gen_ai.system_instructions"]);
    }
  });
});

test.skipIf(hasRecordedExchanges)(
  recordedExchangesTitle("all recorded exchanges"),
  () => undefined,
);

/** Input tokens include cached ones, which Anthropic counts beside them. */
function countsOf(usage: unknown): unknown[] {
  const given = (usage ?? {}) as { [name: string]: number | undefined };
  const input = given.input_tokens ?? given.prompt_tokens;
  const cached = [given.cache_read_input_tokens, given.cache_creation_input_tokens];
  const sum = cached.reduce<number>((total, count) => total + (count ?? 0), 0);
  return [
    input === undefined ? undefined : input + sum,
    given.output_tokens ?? given.completion_tokens ?? undefined,
  ];
}

interface Counted {
  readonly output_tokens_details?: { readonly thinking_tokens?: number };
}

/** What the helpers of the SDKs make of a stream; absent where they refuse it. */
async function byHelper(exchange: Exchange, chunks: Members[]): Promise<Said | undefined> {
  const url = server.serve(exchange);
  const { stream: _stream, ...body } = exchange.request.body;
  if (exchange.endpoint === "chat.completions" && !("n" in body)) {
    // The helper adds nothing that the request did not have.
    const helper = openaiClient(url).chat.completions.stream(body as never);
    const final = await helper.finalChatCompletion().catch(() => undefined);
    if (final === undefined) return undefined;
    const withUsage = chunks.findLast((chunk) => chunk.usage || (chunk.x_groq as Members)?.usage);
    const usage = withUsage?.usage ?? (withUsage?.x_groq as Members | undefined)?.usage;
    return saidByChat({ ...final, usage } as OpenAI.ChatCompletion);
  }
  if (exchange.endpoint === "messages") {
    const final = await anthropicClient(url)
      .messages.stream(body as never)
      .finalMessage();
    const texts = final.content.map((block) => (block.type === "text" ? block.text : ""));
    return {
      id: final.id,
      model: final.model,
      reasons: [final.stop_reason],
      texts: [absent(texts.join(""))],
      calls: final.content.flatMap((block) =>
        block.type === "tool_use" ? [[block.id, block.name, block.input]] : [],
      ),
      usage: [
        ...countsOf(final.usage),
        final.usage.cache_read_input_tokens ?? undefined,
        // The helper leaves it out.
        (chunks.findLast((chunk) => chunk.type === "message_delta")?.usage as Counted | undefined)
          ?.output_tokens_details?.thinking_tokens,
      ],
    };
  }
  return undefined;
}
