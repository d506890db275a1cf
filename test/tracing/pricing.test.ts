import { expect, test } from "vitest";
import "../../src/entries/tracing.ts";
import { withSpan } from "../../src/tracing/index.ts";
import { captureTrace } from "./captured-traces.ts";

const call = (attributes: { [name: string]: string | number }) => () =>
  withSpan(() => "x", { name: "call", type: "CHAT_MODEL", attributes });

const usage = { "gen_ai.usage.input_tokens": 1_000_000, "gen_ai.usage.output_tokens": 1_000_000 };

test("a model call costs what the price table says, and its trace as much", async () => {
  // gpt-4o-mini: 0.15 and 0.60 US dollars per million tokens, by OpenAI's price list.
  const known = { "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o-mini" };
  const { spans, info } = await captureTrace(call({ ...known, ...usage }));
  expect(spans[0]?.attributes["assay.cost.total"]).toBeCloseTo(0.75, 10);
  expect(info.usage?.cost).toBeCloseTo(0.75, 10);
});

test("nothing is made up for a model without a price, nor changed where a span says it", async () => {
  const unknown = { "gen_ai.provider.name": "openai", "gen_ai.request.model": "no-such-model" };
  expect((await captureTrace(call({ ...unknown, ...usage }))).info.usage).not.toHaveProperty(
    "cost",
  );
  const told = { ...unknown, ...usage, "assay.cost.total": 0.5 };
  expect((await captureTrace(call(told))).info.usage?.cost).toBe(0.5);
});
