import { mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { openStore } from "assay/store";
import { flushTraces, startSpan, withSpan } from "assay/tracing";
import { wrap } from "assay/tracing/openai";
import OpenAI from "openai";
import { storeDestination, withDestination } from "../../dist/tracing/index.js";
import { report } from "./report.mjs";

const nowhere = { experimentId: "1", receive: async () => undefined };
const text = (n) => `The quick brown fox number ${n} jumps over the lazy dog. `.repeat(10);

/** The least time of several rounds per call, in microseconds: others work on the machine too. */
async function least(rounds, count, work) {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    await work(count);
    best = Math.min(best, ((performance.now() - started) * 1000) / count);
  }
  return best;
}

async function spans() {
  const exporter = new InMemorySpanExporter();
  exporter.export = (_spans, done) => done({ code: 0 });
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const tracer = provider.getTracer("bare");
  const inputs = { question: text(1) };
  const outputs = text(2);
  const count = 20_000;
  const bare = await least(7, count, async (n) => {
    for (let i = 0; i < n; i++) {
      const span = tracer.startSpan("s", {
        attributes: { "assay.span.type": "TOOL", "assay.input": JSON.stringify(inputs) },
      });
      span.setAttribute("assay.output", JSON.stringify(outputs));
      span.end();
    }
  });
  const ours = await withDestination(nowhere, () =>
    least(7, count, async (n) => {
      const parent = startSpan({ name: "root" });
      parent.run(() => {
        for (let i = 0; i < n; i++) {
          const span = startSpan({ name: "s", type: "TOOL", inputs });
          span.setOutputs(outputs);
          span.end();
        }
      });
      parent.end();
    }),
  );
  report("a span with inputs and outputs, to the processor's end", count, ours, "us", {
    bare,
    ratio: ours / bare,
  });
}

async function calls() {
  const body = JSON.stringify({
    id: "c",
    object: "chat.completion",
    created: 1,
    model: "m",
    choices: [
      { index: 0, message: { role: "assistant", content: text(3) }, finish_reason: "stop" },
    ],
    usage: { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 },
  });
  const chunk = (content) =>
    `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`;
  const CHUNKS = 2000;
  const stream = `${Array.from({ length: CHUNKS }, (_, i) => chunk(`word ${i} `)).join("")}data: [DONE]\n\n`;
  const server = createServer((request, response) => {
    let given = "";
    request.on("data", (part) => {
      given += part;
    });
    request.on("end", () => {
      const isStream = given.includes('"stream":true');
      response.writeHead(200, {
        "content-type": isStream ? "text/event-stream" : "application/json",
      });
      response.end(isStream ? stream : body);
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const options = { apiKey: "k", baseURL: `http://127.0.0.1:${server.address().port}/v1` };
  const request = { model: "m", messages: [{ role: "user", content: text(4) }] };
  const clients = { bare: new OpenAI(options), traced: wrap(new OpenAI(options)) };
  const times = { bare: [], traced: [], bareStream: [], tracedStream: [] };
  await withDestination(nowhere, async () => {
    // In turns, so that what else the machine does hits both.
    for (let round = 0; round < 8; round++) {
      for (const [name, client] of Object.entries(clients)) {
        times[name].push(
          await least(1, 150, async (n) => {
            for (let i = 0; i < n; i++) await client.chat.completions.create(request);
          }),
        );
        times[`${name}Stream`].push(
          await least(1, CHUNKS, async () => {
            for await (const _chunk of await client.chat.completions.create({
              ...request,
              stream: true,
            }));
          }),
        );
      }
    }
  });
  server.close();
  server.closeAllConnections();
  const best = (name) => Math.min(...times[name]);
  report("added to a chat completion", 150, best("traced") - best("bare"), "us", {
    bare: best("bare"),
  });
  report("added to a chunk of a stream", CHUNKS, best("tracedStream") - best("bareStream"), "us", {
    bare: best("bareStream"),
  });
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
