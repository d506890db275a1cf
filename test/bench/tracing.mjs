import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { setTrackingUri } from "assay";
import { openStore } from "assay/store";
import { flushTraces, startSpan, withSpan } from "assay/tracing";
import { wrap } from "assay/tracing/openai";
import OpenAI from "openai";
import { storeDestination, withDestination } from "../../dist/tracing/index.js";
import { CHUNKS } from "./chat-server.mjs";
import { report } from "./report.mjs";

const nowhere = { experimentId: "1", receive: async () => undefined };
const text = (n) => `The quick brown fox number ${n} jumps over the lazy dog. `.repeat(10);

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** In turns, so that what else the machine does hits both. */
async function inTurns(rounds, works) {
  const times = Object.fromEntries(Object.keys(works).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const entries = Object.entries(works);
    for (const [name, work] of round % 2 ? entries : entries.toReversed()) {
      const took = await work();
      // The first ones compile.
      if (round >= rounds / 5) times[name].push(took);
    }
  }
  return times;
}

async function spans() {
  const exporter = new InMemorySpanExporter();
  exporter.export = (_spans, done) => done({ code: 0 });
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const tracer = provider.getTracer("bare");
  const inputs = { question: text(1) };
  const outputs = text(2);
  const count = 20_000;
  const timed = async (work) => {
    const started = performance.now();
    await work();
    return ((performance.now() - started) * 1000) / count;
  };
  const bare = () => {
    for (let i = 0; i < count; i++) {
      const span = tracer.startSpan("s", {
        attributes: { "assay.span.type": "TOOL", "assay.input": JSON.stringify(inputs) },
      });
      span.setAttribute("assay.output", JSON.stringify(outputs));
      span.end();
    }
  };
  const ours = () =>
    withDestination(nowhere, () => {
      const parent = startSpan({ name: "root" });
      parent.run(() => {
        for (let i = 0; i < count; i++) {
          const span = startSpan({ name: "s", type: "TOOL", inputs });
          span.setOutputs(outputs);
          span.end();
        }
      });
      parent.end();
    });
  const times = await inTurns(15, {
    bare: () => timed(bare),
    ours: () => timed(ours),
    // With what is done afterwards, up to the destination.
    whole: () =>
      timed(() => {
        ours();
        return flushTraces();
      }),
  });
  report("a span with inputs and outputs", count, median(times.ours), "us", {
    bare: median(times.bare),
    ratio: median(times.ours) / median(times.bare),
    withWhatFollows: median(times.whole),
  });
}

async function calls() {
  const server = new Worker(new URL("./chat-server.mjs", import.meta.url));
  const [port] = await once(server, "message");
  const folder = mkdtempSync(join(tmpdir(), "assay-bench-"));
  setTrackingUri(`sqlite:///${join(folder, "b.db")}`);
  const options = { apiKey: "k", baseURL: `http://127.0.0.1:${port}/v1` };
  const request = { model: "m", messages: [{ role: "user", content: text(4) }] };
  const clients = { bare: new OpenAI(options), traced: wrap(new OpenAI(options)) };
  const timedCall = (client) => async () => {
    const started = performance.now();
    await client.chat.completions.create(request);
    return (performance.now() - started) * 1000;
  };
  const count = 3000;
  const single = await inTurns(count, {
    bare: timedCall(clients.bare),
    traced: timedCall(clients.traced),
  });
  const cpuOf = (client) => async () => {
    const before = process.threadCpuUsage();
    for (let i = 0; i < 200; i++) await client.chat.completions.create(request);
    await flushTraces();
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 200;
  };
  const cpu = await inTurns(15, { bare: cpuOf(clients.bare), traced: cpuOf(clients.traced) });
  report(
    "added to a chat completion, from the call to its answer",
    count,
    median(single.traced) - median(single.bare),
    "us",
    { bare: median(single.bare), processorTimeInAll: median(cpu.traced) - median(cpu.bare) },
  );
  const streamOf = (client) => async () => {
    const started = performance.now();
    for await (const _chunk of await client.chat.completions.create({ ...request, stream: true }));
    return ((performance.now() - started) * 1000) / CHUNKS;
  };
  const streams = await inTurns(20, {
    bare: streamOf(clients.bare),
    traced: streamOf(clients.traced),
  });
  const added = median(streams.traced) - median(streams.bare);
  report("added to a chunk of a stream", CHUNKS, added, "us", { bare: median(streams.bare) });
  await flushTraces();
  await server.terminate();
  rmSync(folder, { recursive: true });
}

async function ingestion() {
  const folder = mkdtempSync(join(tmpdir(), "assay-bench-"));
  const store = await openStore(`sqlite:///${join(folder, "b.db")}`);
  const { experimentId } = await store.experiments.ensureExperiment("e");
  const destination = storeDestination(store, { experimentId });
  const total = 200_000;
  const perTrace = 10;
  const pool = Array.from({ length: 500 }, (_, n) => text(n).slice(0, 420));
  const started = performance.now();
  for (let i = 0; i < total / perTrace; i++) {
    await withDestination(destination, () =>
      withSpan(
        async () => {
          for (let j = 1; j < perTrace; j++) {
            await withSpan(() => `${pool[(i * 7 + j) % 500]} ${i}`, {
              name: `step ${j}`,
              type: "TOOL",
              inputs: { query: pool[(i + j) % 500], n: i },
              attributes: { "app.step": j, "app.version": "1.2.3" },
            });
          }
          return i === 100 ? "a needle in the haystack" : "done";
        },
        { name: "root", type: "CHAIN", inputs: { i } },
      ),
    );
    if (i % 200 === 199) await new Promise((resolve) => setImmediate(resolve));
  }
  await flushTraces();
  const seconds = (performance.now() - started) / 1000;
  report(
    "spans of 1 kB into SQLite, from their end to the commit",
    total,
    total / seconds,
    "spans/s",
    {
      megabytes: Math.round(statSync(join(folder, "b.db")).size / 2 ** 20),
    },
  );
  const filter = "trace.text LIKE '%needle in the hay%'";
  const searched = performance.now();
  const { items } = await store.traces.searchTraces({ filter, maxResults: 10 });
  if (items.length !== 1) throw new Error(`Expected one trace, found ${items.length}`);
  report("found by text among them", 1, performance.now() - searched, "ms");
  await store.close();
  rmSync(folder, { recursive: true });
}

export async function benchTracing() {
  await spans();
  await calls();
  await ingestion();
}
