import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { relevance } from "../../src/judges/index.ts";
import { useTempStore } from "../evaluate/temp-store.ts";
import {
  type ProviderReply,
  type ProviderServer,
  startProviderServer,
} from "../support/provider-server.ts";

const at = useTempStore();
const VERDICT: ProviderReply = { text: '{"rationale":"fine","score":4}' };
const SOON = { headers: { "retry-after-ms": "5" } };

let server: ProviderServer;
let reply: (index: number) => ProviderReply;

beforeEach(async () => {
  server = await startProviderServer({ reply: ({ index }) => reply(index) });
});
afterEach(() => server.close());

const evaluation = (provider: string, rows = 6) => ({
  data: Array.from({ length: rows }, (_, id) => ({ id, question: `q${id}`, answer: `a${id}` })),
  predictions: "answer",
  extraMetrics: [relevance({ model: `${provider}:/judge` })],
  env: server.env,
});

const PROVIDERS = ["openai", "anthropic"] as const;

/** What is repeated is one code for both providers; the first ones are told by their error bodies. */
const FAULTS: [string, (index: number) => ProviderReply, object][] = [
  ["a storm of 429", (i) => (i < 4 ? { status: 429, ...SOON } : VERDICT), {}],
  ["server errors", (i) => (i % 4 === 0 && i < 8 ? { status: 500, ...SOON } : VERDICT), {}],
  ["an overloaded provider", (i) => (i < 2 ? { status: 529, ...SOON } : VERDICT), {}],
  ["connections reset before the answer", (i) => (i < 2 ? { hangUp: "before" } : VERDICT), {}],
  [
    "connections reset in the answer",
    (i) => (i === 3 ? { ...VERDICT, hangUp: "during" } : VERDICT),
    {},
  ],
  [
    "answers that never come",
    (i) => (i === 2 ? { silent: true } : VERDICT),
    { callTimeoutMs: 150 },
  ],
];

describe.each(PROVIDERS)("%s", (provider) => {
  test.each(provider === "openai" ? FAULTS : FAULTS.slice(0, 2))(
    "%s: every row gets its verdict",
    async (_name, given, options) => {
      reply = given;
      const result = await at.evaluate({ ...evaluation(provider), ...options });
      expect(result.status).toBe("finished");
      expect(result.summaries["relevance/v1"]).toMatchObject({ n: 6, scored: 6, failed: 0 });
      const sent = server.requests.length;
      expect(result.judges?.["relevance/v1"]).toMatchObject({
        calls: 6,
        failed: 0,
        attempts: sent,
      });
      expect(sent).toBeGreaterThan(6);
    },
  );

  test("structured output that is refused is left out from then on, and verdicts are parsed", async () => {
    const field = provider === "openai" ? "response_format" : "output_config";
    reply = (index) =>
      JSON.stringify(server.requests[index]?.body).includes(`"${field}"`)
        ? { status: 400, error: { message: `${field} is not supported by this model` } }
        : { text: '{"rationale":"fine","score":4}' };
    const result = await at.evaluate({ ...evaluation(provider), concurrency: 1 });
    expect(result.summaries["relevance/v1"]).toMatchObject({ scored: 6, failed: 0 });
    // OpenAI's is refused in both of its forms.
    expect(server.requests.length).toBe(6 + (provider === "openai" ? 2 : 1));
  });

  test("a rejected key ends the evaluation with one error, not one per row", async () => {
    reply = () => ({ status: 401, error: { message: "invalid key key-of-the-test" } });
    const failing = at.evaluate({ ...evaluation(provider, 200), concurrency: 4 });
    await expect(failing).rejects.toMatchObject({
      code: "configuration",
      message: `${provider} rejected the key (HTTP 401); check ${provider.toUpperCase()}_API_KEY.`,
    });
    expect(server.requests.length).toBeLessThanOrEqual(4);
  });
});
