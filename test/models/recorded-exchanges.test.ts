import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { isAssayError } from "../../src/core/index.ts";
import { anthropicModel, openaiModel } from "../../src/models/index.ts";
import { startProviderServer } from "../support/provider-server.ts";
import { hasRecordedData, readSharedLines, recordedDataTitle } from "../support/shared.ts";

interface Exchange {
  readonly id: string;
  readonly endpoint: string;
  readonly tags: readonly string[];
  readonly response: { readonly status: number; readonly body: string };
}

const FILES = [
  "openai-chat-completions",
  "groq",
  "mistral",
  "deepseek",
  "azure",
  "openrouter",
  "other-openai-compatible",
  "anthropic-messages",
];

const request = {
  messages: [{ role: "user" as const, content: "Something not in any recording." }],
};

describe.skipIf(!hasRecordedData)(recordedDataTitle("recorded replies of providers"), () => {
  test.each(FILES)(
    "%s: each is read as the SDK reads it, each failure has its code",
    async (file) => {
      const exchanges = readSharedLines<Exchange>(`fixtures/exchanges/${file}.jsonl.gz`).filter(
        ({ endpoint, tags }) =>
          /chat\.completions|messages/.test(endpoint) && !tags.includes("stream"),
      );
      expect(exchanges.length).toBeGreaterThan(0);
      const server = await startProviderServer({
        reply: ({ model }) => {
          const { response } = exchanges[Number(model)] as Exchange;
          return { status: response.status, rawBody: response.body };
        },
      });
      const options = { apiKey: "k", baseURL: server.url, maxRetries: 0 };
      try {
        for (const [index, exchange] of exchanges.entries()) {
          const model = file.startsWith("anthropic")
            ? anthropicModel(new Anthropic(options), { model: String(index) })
            : openaiModel(new OpenAI(options), { model: String(index) });
          const outcome = await model.generate(request).catch((error: unknown) => error);
          expectFaithful(exchange, outcome);
        }
      } finally {
        await server.close();
      }
    },
  );
});

function expectFaithful({ id, response }: Exchange, outcome: unknown): void {
  if (response.status >= 400) {
    const codes: { [status: number]: string } = {
      401: "configuration",
      403: "configuration",
      404: "configuration",
      429: "unavailable",
    };
    expect({ id, code: isAssayError(outcome) && outcome.code }).toEqual({
      id,
      code: codes[response.status] ?? "provider",
    });
    return;
  }
  const body = JSON.parse(response.body) as {
    model?: string;
    usage?: { prompt_tokens?: number; completion_tokens?: number; output_tokens?: number };
    choices?: { message: { content: unknown; refusal?: string | null } }[];
  };
  const outputTokens = body.usage?.completion_tokens ?? body.usage?.output_tokens;
  expect({ id, outcome }).toMatchObject({
    id,
    outcome: { text: expect.any(String), model: body.model, usage: { outputTokens } },
  });
  const said = body.choices?.[0]?.message;
  if (typeof said?.content === "string") expect(outcome).toMatchObject({ text: said.content });
  if (said?.refusal) expect(outcome).toMatchObject({ text: "", refusal: said.refusal });
}
