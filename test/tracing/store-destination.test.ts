import { describe, expect, test } from "vitest";
import type { JsonValue, ScrubberOptions, Trace } from "../../src/core/index.ts";
import { openStore } from "../../src/store/index.ts";
import {
  flushTraces,
  storeDestination,
  updateCurrentTrace,
  withDestination,
  withSpan,
} from "../../src/tracing/index.ts";
import { tempFolder } from "../store/temp-folder.ts";

// Not a key: it only has the shape of one.
const SECRET = `sk-${"fake".repeat(8)}`;

async function storeTrace(
  redact: "secrets" | "off" | undefined,
  work: () => Promise<unknown>,
  options: ScrubberOptions = {},
): Promise<Trace> {
  const artifactRoot = tempFolder();
  const store = await openStore("sqlite:///:memory:", {
    artifactRoot,
    ...(redact && { redact }),
    ...options,
  });
  const { experimentId } = await store.experiments.ensureExperiment("e");
  const destination = storeDestination(store, { experimentId });
  await Promise.allSettled([withDestination(destination, work)]);
  await flushTraces();
  const [info] = await store.traces.listTraces({});
  const trace = await store.traces.getTrace(info?.traceId ?? "");
  await store.close();
  if (trace === undefined) throw new Error("No trace was stored");
  return trace;
}

const leaky = () =>
  withSpan(
    async (span) => {
      span.setAttributes({ "http.url": `https://user:${SECRET}@host/`, list: [SECRET] });
      await withSpan(() => ({ [SECRET]: [SECRET] }), {
        name: `call ${SECRET}`,
        inputs: { deep: [{ key: SECRET }] },
      });
      throw new Error(`refused ${SECRET}`);
    },
    { name: `root ${SECRET}`, inputs: `the key is ${SECRET}` },
  );

const text = (trace: Trace) =>
  JSON.stringify(trace, (_key, value) => (typeof value === "bigint" ? String(value) : value));

describe("secrets in a stored trace", () => {
  test("are masked in names, inputs, outputs, attributes, events, status and previews", async () => {
    const trace = await storeTrace(undefined, leaky);
    expect(text(trace)).not.toContain(SECRET);
    const [root, child] = trace.spans;
    expect(trace.info.requestPreview).toBe("the key is [redacted]");
    expect(root).toMatchObject({
      inputs: "the key is [redacted]",
      statusMessage: "refused [redacted]",
      attributes: { list: ["[redacted]"] },
    });
    expect(root?.events[0]?.attributes["exception.message"]).toBe("refused [redacted]");
    expect(child).toMatchObject({
      inputs: { deep: [{ key: "[redacted]" }] },
      outputs: { "[redacted]": ["[redacted]"] },
    });
  });

  test("leave no part in a preview that ends in their middle", async () => {
    for (let cut = 980; cut < 1000; cut++) {
      const trace = await storeTrace("secrets", () =>
        withSpan(() => `${"x".repeat(cut - 1)} ${SECRET}`, { name: "s" }),
      );
      expect(trace.info.responsePreview).not.toContain("sk-");
    }
  });

  test("and what the user masks are masked once, in previews as elsewhere", async () => {
    const mask = (value: JsonValue) =>
      JSON.parse(JSON.stringify(value).replace(/hello|Ann/g, "<$&>")) as JsonValue;
    const work = () => withSpan(() => ["hello"], { name: "s", inputs: { name: "Ann" } });
    const { info, spans } = await storeTrace("secrets", work, { mask });
    expect([info.requestPreview, info.responsePreview]).toEqual([
      '{"name":"<Ann>"}',
      '["<hello>"]',
    ]);
    expect(spans[0]?.outputs).toEqual(["<hello>"]);
  });

  test("are kept when masking is off", async () => {
    const trace = await storeTrace("off", leaky);
    expect(trace.info.requestPreview).toBe(`the key is ${SECRET}`);
    expect(trace.spans[0]?.statusMessage).toBe(`refused ${SECRET}`);
    expect(trace.spans[1]?.outputs).toEqual({ [SECRET]: [SECRET] });
  });
});

test("a flush stores what has ended of an open trace, and its end completes it", async () => {
  const store = await openStore("sqlite:///:memory:", { artifactRoot: tempFolder() });
  const { experimentId } = await store.experiments.ensureExperiment("e");
  const readBack = async () => {
    const [info] = await store.traces.listTraces({});
    return store.traces.getTrace(info?.traceId ?? "");
  };
  const call = (tokens: number, name: string) =>
    withSpan(() => name, {
      name,
      type: "LLM",
      inputs: SECRET,
      attributes: { "gen_ai.usage.input_tokens": tokens },
    });
  const work = () =>
    withSpan(
      async () => {
        await flushTraces();
        expect(await readBack()).toBeUndefined();
        await call(3, "early");
        await flushTraces();
        await flushTraces();
        const unfinished = await readBack();
        expect(unfinished?.info).toEqual({
          traceId: unfinished?.info.traceId,
          experimentId,
          name: "root",
          state: "IN_PROGRESS",
          startTime: unfinished?.info.startTime,
          usage: { inputTokens: 3 },
          spanCount: 1,
        });
        expect(text(unfinished as Trace)).not.toContain(SECRET);
        await call(4, "later");
        return "answer";
      },
      { name: "root", inputs: `asked with ${SECRET}` },
    );
  await withDestination(storeDestination(store, { experimentId }), work);
  await flushTraces();
  const trace = await readBack();
  await store.close();
  expect(trace?.spans.map((span) => span.name).sort()).toEqual(["early", "later", "root"]);
  expect(trace?.info).toMatchObject({
    state: "OK",
    durationMs: expect.any(Number),
    requestPreview: "asked with [redacted]",
    responsePreview: "answer",
    usage: { inputTokens: 7 },
    spanCount: 3,
  });
});

test("a stored trace is what was recorded, late spans and their tokens included", async () => {
  const usage = (tokens: number) => ({ "gen_ai.usage.input_tokens": tokens });
  const trace = await storeTrace(undefined, async () => {
    const gate = Promise.withResolvers<void>();
    let late: Promise<void> | undefined;
    await withSpan(
      async () => {
        late = withSpan(() => gate.promise, { name: "late", type: "LLM", attributes: usage(2) });
        await withSpan(() => 1, { name: "call", type: "LLM", attributes: usage(3) });
      },
      { name: "root" },
    );
    gate.resolve();
    await late;
  });
  expect(trace.spans.map((span) => span.name).sort()).toEqual(["call", "late", "root"]);
  expect(trace.info).toMatchObject({ name: "root", spanCount: 3, usage: { inputTokens: 5 } });
});

test("prompts that spans name are linked to the trace, beside what the program says of it", async () => {
  const prompted = (name: string, version: string) => ({
    name: "call",
    attributes: { "gen_ai.prompt.name": name, "gen_ai.prompt.version": version },
  });
  const trace = await storeTrace(undefined, () =>
    withSpan(
      async (span) => {
        span.setAttributes({ "session.id": "s-1" });
        updateCurrentTrace({ tags: { channel: "web" }, metadata: { build: "7" } });
        await withSpan(() => 1, prompted("support/answer", "3"));
        await withSpan(() => 1, prompted("support/answer", "3"));
        await withSpan(() => 1, prompted("other", "1"));
      },
      { name: "root" },
    ),
  );
  expect(trace.info.tags).toEqual({
    channel: "web",
    "mlflow.linkedPrompts":
      '[{"name":"support/answer","version":"3"},{"name":"other","version":"1"}]',
  });
  expect(trace.info.metadata).toEqual({ build: "7", "mlflow.trace.session": "s-1" });
});
