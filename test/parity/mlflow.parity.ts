import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Span, Trace } from "../../src/core/index.ts";
import {
  readMlflowJson,
  readOtlpProtobuf,
  usageOfTrace,
  writeMlflowJson,
} from "../../src/otlp/index.ts";
import { exportOtlp, updateCurrentTrace, withSpan } from "../../src/tracing/index.ts";
import { captureTrace } from "../tracing/captured-traces.ts";
import { pythonWith } from "./python.ts";

const SCRIPT = fileURLToPath(new URL("./mlflow-traces.py", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "assay-mlflow-"));

let python: Awaited<ReturnType<typeof pythonWith>>;
let server: ChildProcess | undefined;
let uri = "";

beforeAll(async () => {
  python = await pythonWith("mlflow", "opentelemetry-exporter-otlp-proto-http");
  if ("missing" in python) return;
  const port = await freePort();
  uri = `http://127.0.0.1:${port}`;
  const args = ["-m", "mlflow", "server", "--backend-store-uri", "sqlite:///m.db"];
  server = spawn(python.path, [...args, "--port", String(port), "--workers", "1"], {
    cwd: folder,
    stdio: "ignore",
    env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: "true" },
    detached: true,
  });
  for (let attempt = 0; attempt < 600; attempt++) {
    const isUp = await fetch(`${uri}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return;
    await delay(500);
  }
  throw new Error("MLflow's server did not start");
});
afterAll(() => {
  // Its workers as well.
  if (server?.pid !== undefined) process.kill(-server.pid, "SIGKILL");
  rmSync(folder, { recursive: true });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

interface Told {
  readonly name: string;
  readonly type: string;
  readonly spanId: string;
  readonly parentId: string | null;
  readonly inputs: unknown;
  readonly outputs: unknown;
  readonly status: string;
  readonly startNs: string;
  readonly endNs: string;
  readonly usage: unknown;
  readonly events: readonly string[];
}

async function client(args: readonly string[], env = {}, input = ""): Promise<string> {
  if ("missing" in python) throw new Error(python.missing);
  const running = promisify(execFile)(python.path, [SCRIPT, ...args], {
    env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: "true", ...env },
    maxBuffer: 2 ** 26,
  });
  running.child.stdin?.end(input);
  return (await running).stdout;
}

/** A trace with what MLflow knows of: types, inputs and outputs, documents, tokens, a failure, a session. */
const sample = () =>
  captureTrace(() =>
    withSpan(
      async () => {
        updateCurrentTrace({ sessionId: "chat-42" });
        await withSpan(
          (span) => {
            span.setAttributes({
              "gen_ai.request.model": "gpt-test",
              "gen_ai.usage.input_tokens": 11,
              "gen_ai.usage.output_tokens": 9,
            });
            return [{ role: "assistant", parts: [{ type: "text", content: "8080 🙂" }] }];
          },
          { name: "ask", type: "CHAT_MODEL", inputs: [{ role: "user", parts: [] }] },
        );
        await withSpan((span) => span.setDocuments([{ id: "d1", content: "The port." }]), {
          name: "find",
          type: "RETRIEVER",
          inputs: "port",
        });
        await withSpan(() => Promise.reject(new TypeError("wrong")), {
          name: "fails",
          type: "TOOL",
        }).catch(() => undefined);
        return { answer: "8080" };
      },
      { name: "root", type: "CHAIN", inputs: { question: "Which port?" } },
    ),
  );

const ours = (trace: Trace) =>
  trace.spans.map((span) => ({
    name: span.name,
    type: span.type,
    spanId: span.spanId,
    parentId: span.parentSpanId ?? null,
    inputs: span.inputs ?? null,
    outputs: span.outputs ?? null,
    status: span.status,
    startNs: span.startNs.toString(),
    endNs: span.endNs.toString(),
    events: span.events.map(({ name }) => name),
  }));

const theirs = (told: readonly Told[]) =>
  told
    .map(({ name, type, spanId, parentId, inputs, outputs, status, startNs, endNs, events }) => ({
      name,
      type,
      spanId,
      parentId,
      inputs,
      outputs,
      status,
      startNs,
      endNs,
      events,
    }))
    .sort((a, b) => (a.startNs < b.startNs ? -1 : 1));

describe("MLflow's client", () => {
  test("reads from its server what went there over OTLP as it was written", async (context) => {
    if ("missing" in python) return context.skip(python.missing);
    const trace = await sample();
    const headers = { "x-mlflow-experiment-id": "0" };
    await exportOtlp(trace, { url: `${uri}/v1/traces`, headers, dialects: ["mlflow"] });
    const read = JSON.parse(await client(["read", uri, trace.info.traceId])) as {
      state: string;
      usage: { input_tokens: number; output_tokens: number };
      spans: Told[];
    };
    expect(theirs(read.spans)).toEqual(
      ours(trace).map((span) => ({ ...span, status: span.status === "ERROR" ? "ERROR" : "UNSET" })),
    );
    expect(read.state).toBe("OK");
    expect(read.usage).toMatchObject({ input_tokens: 11, output_tokens: 9 });
  });

  test("reads its own JSON as we write it", async (context) => {
    if ("missing" in python) return context.skip(python.missing);
    const trace = await sample();
    const json = JSON.stringify(writeMlflowJson(trace.info.traceId, trace.spans));
    const { spans } = JSON.parse(await client(["parse"], {}, json)) as { spans: Told[] };
    // Its JSON has nanoseconds as numbers of JavaScript: some hundred of them are lost.
    const rounded = (span: { startNs: string; endNs: string }) => ({
      ...span,
      startNs: String(Number(span.startNs)),
      endNs: String(Number(span.endNs)),
    });
    expect(theirs(spans).map(rounded)).toEqual(ours(trace).map(rounded));
    expect(spans.find(({ name }) => name === "ask")?.usage).toEqual({
      input_tokens: 11,
      output_tokens: 9,
      total_tokens: 20,
    });
  });

  test("writes traces that are read with their types, documents, tokens and failures", async (context) => {
    if ("missing" in python) return context.skip(python.missing);
    expectTheirTrace(readMlflowJson(JSON.parse(await client(["write", uri]))));
  });

  test("sends the same over OTLP", async (context) => {
    if ("missing" in python) return context.skip(python.missing);
    const received: Span[] = [];
    const receiver = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        received.push(...readOtlpProtobuf(Buffer.concat(parts)).spans);
        response.writeHead(200, { "content-type": "application/x-protobuf" }).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    const { port } = receiver.address() as AddressInfo;
    await client(["write", uri, "otlp only"], {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://127.0.0.1:${port}/v1/traces`,
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/protobuf",
    });
    receiver.close();
    expectTheirTrace(received);
  });
});

function expectTheirTrace(spans: readonly Span[]): void {
  const named = (name: string) => spans.find((span) => span.name === name);
  expect(spans.map(({ name }) => name).sort()).toEqual(["ask", "fails", "find", "root"]);
  expect(named("root")).toMatchObject({
    type: "CHAIN",
    inputs: { question: "Which port?" },
    outputs: "8080",
  });
  expect(named("ask")).toMatchObject({
    type: "CHAT_MODEL",
    parentSpanId: named("root")?.spanId,
    inputs: { messages: [{ role: "user", content: "Which port?" }] },
    outputs: { choices: [{ message: { role: "assistant", content: "8080" } }] },
    attributes: {
      "gen_ai.usage.input_tokens": 5,
      "gen_ai.usage.output_tokens": 2,
    },
  });
  expect(named("find")).toMatchObject({
    type: "RETRIEVER",
    outputs: [{ page_content: "The port is 8080.", metadata: { n: 1 }, id: "d1" }],
  });
  expect(named("fails")).toMatchObject({ type: "TOOL", status: "ERROR" });
  expect(named("fails")?.events[0]?.attributes).toMatchObject({ "exception.type": "ValueError" });
  expect(usageOfTrace(spans)).toEqual({ inputTokens: 5, outputTokens: 2 });
}
