import { expect, test } from "vitest";
import type { ResponseCache } from "../../src/core/index.ts";
import { cachedModel } from "../../src/models/cached-model.ts";
import { scriptedChatModel } from "../../src/testing/index.ts";

const request = { messages: [{ role: "user" as const, content: "?" }] };

const broken = async () => {
  throw new Error("disk is full");
};

const CACHES: [string, ResponseCache][] = [
  ["cannot be read", { get: broken, set: async () => undefined }],
  ["cannot be written", { get: async () => undefined, set: broken }],
  ["holds damaged JSON", { get: async () => '{"text": "fo', set: async () => undefined }],
  ["holds what is no answer", { get: async () => '{"txt": "four"}', set: async () => undefined }],
  ["holds null", { get: async () => "null", set: async () => undefined }],
];

test.each(CACHES)("a cache that %s is a miss", async (_, cache) => {
  const model = scriptedChatModel({ replies: ["four"] });
  const cached = cachedModel(model, cache, { shape: "test" });
  const response = await cached.generate(request);
  expect(response.text).toBe("four");
  expect(response.isCached).toBe(undefined);
});

/** A cache in memory, and models that are made one after the other on it. */
function world() {
  const kept = new Map<string, string>();
  const cache: ResponseCache = {
    get: async (key) => kept.get(key),
    set: async (key, response) => void kept.set(key, response),
  };
  let now = 1_000;
  const clock = { now: () => now++, monotonic: () => now };
  const usage = { inputTokens: 10, outputTokens: 2, cost: 0.5 };
  const ask = (purpose: string) => {
    const model = scriptedChatModel({ replies: [{ text: "four", usage, attempts: 2 }] });
    const cached = cachedModel(model, cache, { shape: "test" }, clock);
    return { first: () => cached.generate({ ...request, purpose }), again: cached.generate };
  };
  return { ask, usage };
}

test("an answer that a dead process paid for the same purpose counts as paid", async () => {
  const { ask, usage } = world();
  await ask("run/0/0/relevance").first();
  expect(await ask("run/0/0/relevance").first()).toEqual({ text: "four", usage, attempts: 2 });
});

test("an answer that was paid for another purpose, or in this process, is free", async () => {
  const { ask, usage } = world();
  const hit = { text: "four", isCached: true, saved: usage, usage: { cost: 0 } };
  const { first, again } = ask("run/0/0/relevance");
  expect(await first()).toMatchObject({ usage });
  expect(await again({ ...request, purpose: "run/0/0/relevance" })).toEqual(hit);
  expect(await ask("run/1/0/relevance").first()).toEqual(hit);
});
