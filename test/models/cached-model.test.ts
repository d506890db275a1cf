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
