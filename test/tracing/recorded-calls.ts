import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import type { Span, Trace } from "../../src/core/index.ts";
import type { Exchange } from "../support/replay-server.ts";

const MODEL_TYPES = ["CHAT_MODEL", "LLM", "EMBEDDING"];

export const modelSpans = (traces: readonly Trace[]): Span[] =>
  traces.flatMap(({ spans }) => spans).filter(({ type }) => MODEL_TYPES.includes(type));

export function openaiClient(baseURL: string, more: { maxRetries?: number } = {}): OpenAI {
  return new OpenAI({ baseURL: `${baseURL}/v1`, apiKey: "test", maxRetries: 0, ...more });
}

export function anthropicClient(baseURL: string, more: { maxRetries?: number } = {}): Anthropic {
  return new Anthropic({ baseURL, apiKey: "test", maxRetries: 0, ...more });
}

interface Outcome {
  /** What was returned, or the chunks of a stream. */
  readonly value?: unknown;
  /** The class and message of what was thrown. */
  readonly thrown?: string;
}

/** Makes the recorded call through the real SDK; a stream is read to its end. */
export async function replay(exchange: Exchange, client: OpenAI | Anthropic): Promise<Outcome> {
  try {
    const returned = await create(exchange, client);
    if (!isIterable(returned)) return { value: returned };
    const chunks: unknown[] = [];
    for await (const chunk of returned) chunks.push(chunk);
    return { value: chunks };
  } catch (error) {
    const { constructor: kind, message } = error as Error;
    return { thrown: `${kind.name}: ${message}` };
  }
}

function create({ endpoint, request }: Exchange, client: OpenAI | Anthropic): Promise<unknown> {
  const call = (resource: unknown, body: unknown) =>
    (resource as { create(given: unknown): Promise<unknown> }).create(body);
  if (endpoint === "messages") return call((client as Anthropic).messages, request.body);
  return createAtOpenAI(endpoint, request, client as OpenAI, call);
}

function createAtOpenAI(
  endpoint: string,
  request: Exchange["request"],
  client: OpenAI,
  call: (resource: unknown, body: unknown) => Promise<unknown>,
): Promise<unknown> {
  switch (endpoint) {
    case "chat.completions":
      return call(client.chat.completions, request.body);
    case "responses":
      return call(client.responses, request.body);
    case "embeddings":
      return call(client.embeddings, { encoding_format: "float", ...request.body });
    case "completions":
      return call(client.completions, request.body);
    default:
      throw new Error(`No call for ${endpoint}`);
  }
}

export function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
