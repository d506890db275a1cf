import { expect, test } from "vitest";
import { scriptedChatModel } from "../../src/testing/index.ts";

const request = { messages: [{ role: "user" as const, content: "Hi" }] };

test("answers with its script, in order, and records what it was asked", async () => {
  const model = scriptedChatModel({
    replies: ["one", { text: "two", model: "m" }, ({ messages }) => `${messages.length} messages`],
  });
  expect(await model.generate(request)).toEqual({ text: "one", finishReason: "stop" });
  expect(await model.generate(request)).toEqual({ text: "two", model: "m" });
  expect(await model.generate(request)).toMatchObject({ text: "1 messages" });
  expect(model.calls).toEqual([request, request, request]);
});

test("throws a scripted error", async () => {
  const model = scriptedChatModel({ replies: [new Error("down")] });
  await expect(model.generate(request)).rejects.toThrow("down");
});

test("a call beyond the script is an error, not a repeated or empty reply", async () => {
  const model = scriptedChatModel({ replies: ["one"] });
  await model.generate(request);
  await expect(model.generate(request)).rejects.toThrow(
    "called 2 times, but its script has 1 replies",
  );
});
