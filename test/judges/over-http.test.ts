import { expect, test } from "vitest";
import { relevance } from "../../src/judges/index.ts";
import { type ProviderReply, startProviderServer } from "../support/provider-server.ts";
import { sampleOf } from "../support/sample.ts";

const row = sampleOf({ inputs: { question: "Which port?" }, outputs: "443" });

async function judged(uri: string, reply: (index: number) => ProviderReply) {
  const server = await startProviderServer({ reply: ({ index }) => reply(index) });
  try {
    const judge = await relevance({ model: uri }).scorer.prepare?.({ env: server.env });
    return { score: await judge?.(row), requests: server.requests };
  } finally {
    await server.close();
  }
}

test.each(["openai:/m", "anthropic:/m"])(
  "%s: a verdict is asked for with a schema and read",
  async (uri) => {
    const { score, requests } = await judged(uri, () => ({
      text: '{"rationale":"Direct.","score":5}',
    }));
    expect(score).toEqual({ kind: "scored", value: 5, rationale: "Direct." });
    expect(JSON.stringify(requests[0]?.body)).toContain('"json_schema"');
  },
);

test.each(["openai:/m", "anthropic:/m"])(
  "%s: prose twice is unscored after one repair",
  async (uri) => {
    const { score, requests } = await judged(uri, () => ({ text: "It is quite good." }));
    expect(score).toMatchObject({ kind: "unscored", reason: "judge-unparseable" });
    expect(requests).toHaveLength(2);
  },
);

test.each(["openai:/m", "anthropic:/m"])(
  "%s: a refusal, a broken call and a rejected key are three things",
  async (uri) => {
    const refused = await judged(uri, () => ({ refusal: "No." }));
    expect(refused.score).toMatchObject({ reason: "refused" });
    const broken = await judged(uri, () => ({ status: 400 }));
    expect(broken.score).toMatchObject({ reason: "scorer-failed" });
    const rejected = judged(uri, () => ({ status: 401 }));
    await expect(rejected).rejects.toMatchObject({ code: "configuration" });
  },
);
