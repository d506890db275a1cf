import { afterEach, describe, expect, test } from "vitest";
import { isAssayError } from "../../src/core/index.ts";
import type { EvaluateOptions } from "../../src/evaluate/index.ts";
import { type JsonReply, type JsonRequest, startJsonServer } from "../support/json-server.ts";
import { rowsOf, useTempStore } from "./temp-store.ts";

const at = useTempStore();

let close: (() => void) | undefined;
afterEach(() => close?.());

async function server(reply: (request: JsonRequest) => JsonReply) {
  const started = await startJsonServer(reply);
  close = started.close;
  return started;
}

const measured = () => 1;

async function evaluated(model: string, options: Partial<EvaluateOptions> = {}) {
  const result = await at.evaluate({
    data: [{ question: "Why?", n: 3 }],
    scorers: [measured],
    maxFailed: 1,
    model,
    ...options,
  });
  const [row] = await rowsOf(result);
  return { result, row };
}

describe("an endpoint that takes rows", () => {
  // The forms and the answer of MLflow's scoring server: https://mlflow.org/docs/latest/deployment/
  test.each([
    ["", { dataframe_split: { columns: ["question", "n"], data: [["Why?", 3]] } }],
    ["?payload=dataframe_records", { dataframe_records: [{ question: "Why?", n: 3 }] }],
    ["?payload=instances", { instances: [{ question: "Why?", n: 3 }] }],
    ["?payload=inputs", { inputs: { question: ["Why?"], n: [3] } }],
  ])("is sent %s", async (query, body) => {
    const { url, requests } = await server(() => ({ body: { predictions: ["Because."] } }));
    const { row, result } = await evaluated(`endpoints:/${url}/invocations${query}`);
    expect(requests.map(({ path, body }) => [path, body])).toEqual([["/invocations", body]]);
    expect(row?.outputs).toBe("Because.");
    const store = await at.open();
    const run = await store.runs.getRun(result.runId);
    expect(run?.params.model).toBe(`${url}/invocations`);
  });

  test("of texts is sent the sole text, the filled prompt and parameters", async () => {
    const { url, requests } = await server(() => ({ body: { predictions: { label: "a" } } }));
    const { row } = await evaluated(`${url}/score?payload=inputs&tenant=7`, {
      prompt: "Q: {{ question }}",
      parameters: { maxTokens: 5, temperature: 0 },
    });
    expect(requests[0]?.path).toBe("/score?tenant=7");
    expect(requests[0]?.body).toEqual({
      inputs: ["Q: Why?"],
      params: { max_tokens: 5, temperature: 0 },
    });
    expect(row?.outputs).toEqual({ label: "a" });
  });

  test("gets a key from the environment, as bearer or in a header of its own", async () => {
    const { url, requests } = await server(() => ({ body: { predictions: [1] } }));
    const env = { ENDPOINT_KEY: "sk-endpoint-0123456789abcdef" };
    await evaluated(`${url}/invocations?api_key_env=ENDPOINT_KEY`, { env });
    await evaluated(`${url}/invocations?api_key_env=ENDPOINT_KEY&api_key_header=X-Api-Key`, {
      env,
    });
    expect(requests[0]?.headers.authorization).toBe(`Bearer ${env.ENDPOINT_KEY}`);
    expect(requests[1]?.headers["x-api-key"]).toBe(env.ENDPOINT_KEY);
    expect(requests[1]?.headers.authorization).toBeUndefined();
  });

  test("is asked again after 503 and 429", async () => {
    const { url, requests } = await server(({ index }) =>
      index === 0
        ? { status: 503, headers: { "retry-after": "0" }, text: "busy" }
        : index === 1
          ? { status: 429, headers: { "retry-after": "0" }, body: {} }
          : { body: { predictions: ["ok"] } },
    );
    const { row } = await evaluated(`${url}/invocations`);
    expect(row?.outputs).toBe("ok");
    expect(requests.length).toBe(3);
  });

  const secret = "sk-endpoint-0123456789abcdef";
  test.each<[string, JsonReply, string]>([
    [
      "a refusal",
      { status: 400, body: { message: `Schema of ${secret} does not fit` } },
      'refused the call (HTTP 400). It said: "Schema of [redacted] does not fit"',
    ],
    // As Ollama and FastAPI word theirs.
    [
      "a refusal that is a text",
      { status: 400, body: { error: "model requires more memory" } },
      'refused the call (HTTP 400). It said: "model requires more memory"',
    ],
    [
      "a refusal with a detail",
      { status: 422, body: { detail: "field required" } },
      'refused the call (HTTP 422). It said: "field required"',
    ],
    ["no JSON", { text: "<html>" }, "answered with something that is not JSON"],
    ["no predictions", { body: { result: 1 } }, 'answered without "predictions"'],
    ["several predictions", { body: { predictions: [1, 2] } }, "gave 2 predictions for one row"],
    ["a redirect", { status: 302, headers: { location: "http://127.0.0.1:1/" } }, "(HTTP 302)"],
  ])("fails a row in one line for %s", async (_, reply, message) => {
    const { url } = await server(() => reply);
    const { row } = await evaluated(`${url}/invocations?api_key_env=KEY&token=hidden`, {
      env: { KEY: secret },
    });
    expect(row?.error).toContain(message);
    expect(row?.error).not.toContain("\n");
    expect(row?.error).not.toContain(secret);
    expect(row?.error).not.toContain("hidden");
  });

  test("that does not answer costs the row its timeout, no more", async () => {
    const { url } = await server(() => ({ silent: true }));
    const { row } = await evaluated(`${url}/invocations`, { timeoutMs: 50 });
    expect(row?.error).toMatch(/50 ms|deadline/);
  });

  test.each([401, 403, 404])("that answers HTTP %i ends the evaluation", async (status) => {
    const { url } = await server(() => ({ status, body: {} }));
    await expect(evaluated(`${url}/invocations`)).rejects.toMatchObject({ code: "configuration" });
  });
});

describe("an endpoint that takes conversations", () => {
  const completion = {
    choices: [{ message: { role: "assistant", content: "Because." }, finish_reason: "stop" }],
    usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 },
  };

  test.each(["/v1/chat/completions?model=llama", "/serve?payload=chat&model=llama"])(
    "is asked at %s, without any SDK",
    async (path) => {
      const { url, requests } = await server(() => ({ body: completion }));
      const { row } = await evaluated(`${url}${path}`, { prompt: "Q: {{ question }}" });
      expect(requests[0]?.path).toBe(path.replace(/\?.*/, ""));
      expect(requests[0]?.body).toEqual({
        model: "llama",
        messages: [{ role: "user", content: "Q: Why?" }],
      });
      expect(row?.outputs).toBe("Because.");
      expect(row?.usage).toMatchObject({ inputTokens: 7, outputTokens: 2 });
    },
  );

  test("learns from a refusal what it may not send, and answers again from the cache", async () => {
    const { url, requests } = await server(({ body }) =>
      "seed" in (body as object)
        ? { status: 400, body: { error: { message: "Unknown field seed" } } }
        : { body: completion },
    );
    const options = { prompt: "{{ question }}", parameters: { seed: 1 }, cache: true };
    const model = `${url}/v1/chat/completions`;
    expect((await evaluated(model, options)).row?.outputs).toBe("Because.");
    expect(requests.length).toBe(2);
    expect((await evaluated(model, options)).row?.outputs).toBe("Because.");
    expect(requests.length).toBe(2);
  });
});

test.each([
  ["endpoints:/somewhere", "expected endpoints:/ and an http or https address"],
  ["https://user:pass@host/invocations", "must not hold a user or password"],
  ["https://host/score", "add payload=<one of dataframe_split"],
  ["https://host/invocations?payload=csv", '"payload" must be one of dataframe_split'],
  ["https://host/invocations?api_key_env=sk-12", "must be the name of an environment variable"],
  ["https://host/invocations?api_key_env=NO_SUCH_KEY", "NO_SUCH_KEY is not set"],
  ["models:/support@champion", "names a registered model, and the tracking store has no model"],
])("%s is refused before anything runs", async (model, message) => {
  const error = await at.refuses({ data: [{ q: "a" }], scorers: [measured], model });
  expect(isAssayError(error)).toBe(true);
  expect((error as Error).message).toContain(message);
  expect((error as Error).message).not.toContain("pass@");
});
