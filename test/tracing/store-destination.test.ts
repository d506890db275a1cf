import { describe, expect, test } from "vitest";
import type { Trace } from "../../src/core/index.ts";
import { openStore } from "../../src/store/index.ts";
import {
  flushTraces,
  storeDestination,
  withDestination,
  withSpan,
} from "../../src/tracing/index.ts";
import { tempFolder } from "../store/temp-folder.ts";

// Not a key: it only has the shape of one.
const SECRET = `sk-${"fake".repeat(8)}`;

async function storeTrace(
  redact: "secrets" | "off" | undefined,
  work: () => Promise<unknown>,
): Promise<Trace> {
  const store = await openStore("sqlite:///:memory:", { artifactRoot: tempFolder() });
  const { experimentId } = await store.experiments.ensureExperiment("e");
  const destination = storeDestination(store.traces, { experimentId }, redact);
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

  test("are kept when masking is off", async () => {
    const trace = await storeTrace("off", leaky);
    expect(trace.info.requestPreview).toBe(`the key is ${SECRET}`);
    expect(trace.spans[0]?.statusMessage).toBe(`refused ${SECRET}`);
    expect(trace.spans[1]?.outputs).toEqual({ [SECRET]: [SECRET] });
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
