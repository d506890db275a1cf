import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { RunnableLambda } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import { FakeListChatModel } from "@langchain/core/utils/testing";
import { Command, interrupt, MemorySaver } from "@langchain/langgraph";
import { createAgent } from "langchain";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Trace } from "../../src/core/index.ts";
import { usageOfTrace } from "../../src/otlp/index.ts";
import { withSpan } from "../../src/tracing/index.ts";
import { autolog, stopAutolog } from "../../src/tracing/langchain/index.ts";
import { openRuns } from "../../src/tracing/langchain/open-runs.ts";
import * as openai from "../../src/tracing/openai/index.ts";
import { traceProcessor } from "../../src/tracing/provider.ts";
import { type ProviderServer, startProviderServer } from "../support/provider-server.ts";
import { captureTrace, captureTraces, spanNamed, treeOf } from "./captured-traces.ts";
import { answerChain, chatModel } from "./langchain-chain.ts";
import { completionOf, streamOf } from "./openai-replies.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

let server: ProviderServer;

/** Asks for the tool `add`, then for `double`, then answers. */
beforeAll(async () => {
  server = await startProviderServer({
    reply: ({ body, messages }) => {
      const results = messages.filter(({ role }) => role === "tool").length;
      const asked = messages.find(({ role }) => role === "user")?.content ?? "";
      if (body.stream === true) return streamOf(`answer to ${asked} in many words`);
      if (body.tools === undefined || results > 1) return completionOf(`done ${asked}`);
      const name = results === 0 ? "add" : "double";
      const id = `call_${results}`;
      return completionOf("", { id, name, arguments: { n: Number(asked.replace(/\D/g, "")) } });
    },
  });
  await autolog();
});
afterAll(async () => {
  stopAutolog();
  await server.close();
});

const model = () => chatModel(`${server.url}/v1`);

const schema = z.object({ n: z.number() });

/** A tool whose body opens a span of its own. */
const spanning = (name: string, compute: (n: number) => number) =>
  tool(
    async ({ n }) => {
      await nextTurn();
      return withSpan(async () => String(compute(n)), { name: `inside ${name} ${n}` });
    },
    { name, description: name, schema },
  );

const agent = () =>
  createAgent({
    model: model(),
    tools: [spanning("add", (n) => n + 1), spanning("double", (n) => n * 2)],
  });

const ask = (n: number) => ({ messages: [{ role: "user" as const, content: `question ${n}` }] });

/** Somebody else's handler, which keeps LangChain's queue of callbacks busy. */
class SlowHandler extends BaseCallbackHandler {
  name = "slow";
  override async handleChainStart(): Promise<void> {
    for (let i = 0; i < 5; i++) await nextTurn();
  }
  override async handleLLMEnd(): Promise<void> {
    for (let i = 0; i < 5; i++) await nextTurn();
  }
}

const idOf = (trace: Trace): string | undefined =>
  /question (\d+)/.exec(JSON.stringify(trace.spans[0]?.inputs))?.[1];

describe("64 agents at once, beside somebody's slow asynchronous handler", () => {
  let traces: readonly Trace[];
  beforeAll(async () => {
    await openai.autolog();
    const callbacks = [new SlowHandler()];
    const shared = agent();
    ({ traces } = await captureTraces(() =>
      Promise.all(Array.from({ length: 64 }, (_, n) => shared.invoke(ask(n), { callbacks }))),
    ));
    openai.stopAutolog();
  }, 60_000);

  test("are 64 traces, with no span in a wrong one", () => {
    expect(new Set(traces.map(idOf)).size).toBe(64);
    for (const trace of traces) {
      const id = idOf(trace);
      const texts = trace.spans.map((span) => JSON.stringify([span.name, span.inputs]));
      const others = texts.flatMap((text) => [...text.matchAll(/(?:question|inside \w+) (\d+)/g)]);
      expect(others.length).toBeGreaterThan(5);
      expect(new Set(others.map(([, found]) => found))).toEqual(new Set([id]));
      const types = trace.spans.map(({ type }) => type);
      expect(types.filter((type) => type === "CHAT_MODEL")).toHaveLength(3);
      expect(types.filter((type) => type === "TOOL")).toHaveLength(2);
    }
  });

  test("the program's span inside a tool is the tool's child", () => {
    for (const trace of traces) {
      for (const name of ["add", "double"]) {
        const inside = trace.spans.find((span) => span.name.startsWith(`inside ${name}`));
        expect(inside?.parentSpanId).toBe(spanNamed(trace, name).spanId);
      }
    }
  });

  test("tokens are those of the model calls, though OpenAI's calls are traced as well", () => {
    for (const trace of traces) {
      expect(trace.info.usage).toEqual({ inputTokens: 33, outputTokens: 21 });
      expect(usageOfTrace(trace.spans)).toEqual(trace.info.usage);
    }
  });

  test("nothing is left open", () => {
    expect([openRuns.size, traceProcessor()?.openCount]).toEqual([0, 0]);
  });
});

describe("a stream that its consumer leaves", () => {
  const takeOne = async (stream: AsyncIterable<unknown>) => {
    for await (const _chunk of stream) break;
  };

  test.each([
    ["of a model", async () => model().stream("question 1"), ["ChatOpenAI"]],
    [
      "of a chain",
      async () => answerChain(model()).stream("question 2"),
      ["RunnableSequence", "ChatOpenAI"],
    ],
  ])("%s ends its runs, with what came", async (_, open, names) => {
    const captured = await captureTrace(async () =>
      takeOne((await open()) as AsyncIterable<unknown>),
    );
    for (const name of names) {
      const span = spanNamed(captured, name);
      expect([name, span.attributes["assay.stream.interrupted"]]).toEqual([name, "broken-off"]);
    }
    expect(JSON.stringify(spanNamed(captured, "ChatOpenAI").outputs)).toContain("answer");
    expect([openRuns.size, traceProcessor()?.openCount]).toEqual([0, 0]);
  });

  test("of an agent leaves none of its runs open, however far it got", async () => {
    const captured = await captureTrace(async () =>
      takeOne(
        await createAgent({ model: model(), tools: [] }).stream(ask(3), { streamMode: "messages" }),
      ),
    );
    expect(JSON.stringify(spanNamed(captured, "ChatOpenAI").outputs)).toContain("answer");
    expect(captured.spans.filter(({ status }) => status === "ERROR")).toEqual([]);
    expect([openRuns.size, traceProcessor()?.openCount]).toEqual([0, 0]);
  });

  test("and never reads ends when it is forgotten", async () => {
    const { traces } = await captureTraces(async () => {
      await (async () => void (await model().stream("question 4")))();
      for (let i = 0; i < 50 && openRuns.size > 0; i++) {
        await nextTurn();
        collectGarbage();
      }
    });
    expect(traces[0]?.spans[0]?.attributes["assay.stream.interrupted"]).toBe("abandoned");
    expect(openRuns.size).toBe(0);
  });
});

describe("streamEvents", () => {
  test("without a version, which calls no handler, is recorded", async () => {
    const captured = await captureTrace(async () => {
      const message = await model().streamEvents("question 5");
      expect(message.text).toContain("answer");
    });
    expect(treeOf(captured)).toEqual([{ "ChatOpenAI CHAT_MODEL": [] }]);
    expect(captured.spans[0]).toMatchObject({
      outputs: [
        {
          role: "assistant",
          parts: [{ type: "text", content: "answer to question 5 in many words" }],
          finish_reason: "stop",
        },
      ],
    });
    expect(captured.info.usage).toEqual({ inputTokens: 11, outputTokens: 7 });
  });

  test("of version 2 is the tree that invoke gives", async () => {
    const captured = await captureTrace(async () => {
      for await (const _event of answerChain(model()).streamEvents("x", { version: "v2" })) {
        await nextTurn();
      }
    });
    expect(captured.spans.map(({ type }) => type).sort()).toEqual(
      ["CHAIN", "CHAIN", "CHAT_MODEL", "PARSER", "PROMPT", "RETRIEVER"].sort(),
    );
  });
});

test("an interrupt is no error, and the thread is the session of both traces", async () => {
  const confirm = tool(
    async () => {
      const answer = interrupt("sure?") as string;
      return `confirmed: ${answer}`;
    },
    { name: "add", description: "asks", schema },
  );
  const asking = createAgent({
    model: model(),
    tools: [confirm, spanning("double", (n) => n * 2)],
    checkpointer: new MemorySaver(),
  });
  const config = { configurable: { thread_id: "thread-7" } };
  const { traces } = await captureTraces(async () => {
    await asking.invoke(ask(6), config);
    await asking.invoke(new Command({ resume: "yes" }), config);
  });
  expect(traces).toHaveLength(2);
  for (const trace of traces) {
    expect(trace.spans.filter(({ status }) => status === "ERROR")).toEqual([]);
    expect(trace.info.metadata?.["mlflow.trace.session"]).toBe("thread-7");
  }
});

test("10 000 runs of which a tenth is abandoned leave nothing live behind", async () => {
  const fake = new FakeListChatModel({ responses: ["one two three"] });
  const echo = RunnableLambda.from((text: string) => text).pipe(fake);
  const run = async (n: number) => {
    if (n % 10 > 0) return echo.invoke("x");
    for await (const _chunk of await echo.stream("x")) break;
    return undefined;
  };
  const heap = () => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  let count = 0;
  const { withDestination, flushTraces } = await import("../../src/tracing/index.ts");
  const receive = async () => void count++;
  await withDestination({ experimentId: "1", receive }, async () => {
    for (let n = 0; n < 200; n++) await run(n);
    await flushTraces();
    const before = heap();
    for (let n = 0; n < 10_000; n += 100) {
      await Promise.all(Array.from({ length: 100 }, (_, at) => run(n + at)));
    }
    await flushTraces();
    await nextTurn();
    expect((heap() - before) / 2 ** 20).toBeLessThan(20);
  });
  expect(count).toBe(10_200);
  expect([openRuns.size, traceProcessor()?.openCount]).toEqual([0, 0]);
}, 60_000);
