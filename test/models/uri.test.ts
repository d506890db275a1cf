import { expect, test } from "vitest";
import { parseModelUri } from "../../src/models/index.ts";

test.each([
  ["openai:/gpt-4o-mini", { provider: "openai", model: "gpt-4o-mini" }],
  ["openai:/ft:gpt-4o:team::abc", { provider: "openai", model: "ft:gpt-4o:team::abc" }],
  ["anthropic:/claude-x", { provider: "anthropic", model: "claude-x" }],
  ["azure:/my-deployment", { provider: "azure", model: "my-deployment" }],
  ["offline:/reader", { provider: "offline", model: "reader" }],
  ["offline:/lexical-judge", { provider: "offline", model: "lexical-judge" }],
  [
    "openai-compatible:/meta-llama/Llama-3?base_url=http://127.0.0.1:8000/v1/&api_key_env=VLLM_KEY",
    {
      provider: "openai-compatible",
      model: "meta-llama/Llama-3",
      baseUrl: "http://127.0.0.1:8000/v1",
      apiKeyEnv: "VLLM_KEY",
    },
  ],
  [
    "openai-compatible:/llama3.1:8b?base_url=http%3A%2F%2Flocalhost%3A11434%2Fv1",
    { provider: "openai-compatible", model: "llama3.1:8b", baseUrl: "http://localhost:11434/v1" },
  ],
])("%s is read", (uri, expected) => {
  expect(parseModelUri(uri)).toEqual(expected);
});

test.each([
  ["gpt-4o", 'expected "<provider>:/<model>", for example "openai:/gpt-4o-mini"'],
  ["", 'expected "<provider>:/<model>"'],
  ["openai:/", 'expected "<provider>:/<model>"'],
  ["openai:gpt-4o", 'expected "<provider>:/<model>"'],
  [
    "opnai:/gpt-4o",
    'unknown provider "opnai"; known are openai:/, anthropic:/, azure:/, openai-compatible:/, offline:/',
  ],
  ["gateway:/name", "not supported yet"],
  ["models:/name@alias", "not supported yet"],
  ["endpoints:/url", "not supported yet"],
  ["offline:/gpt", "the offline models are offline:/reader, offline:/lexical-judge"],
  ["openai:/gpt-4o?temperature=1", '"openai" takes no parameters'],
  ["openai-compatible:/m", '"base_url" must be an http or https URL'],
  ["openai-compatible:/m?base_url=file:///etc", '"base_url" must be an http or https URL'],
  ["openai-compatible:/m?base_url=http://u:p@h/v1", "must not hold a user or password"],
  ["openai-compatible:/m?base_url=http://h/v1&api_key=abc", 'unknown parameter "api_key"'],
  [
    "openai-compatible:/m?base_url=http://h/v1&api_key_env=sk-abc",
    "the name of an environment variable",
  ],
])("%s is refused: %s", (uri, message) => {
  expect(() => parseModelUri(uri)).toThrow(
    expect.objectContaining({
      code: "invalid-argument",
      message: expect.stringContaining(message),
    }),
  );
});

test("a key that was put into a URI is not repeated in the message", () => {
  const uri = "openai-compatible:/m?base_url=http://h/v1&api_key=plain-secret";
  expect(() => parseModelUri(uri)).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining("plain-secret") }),
  );
});
