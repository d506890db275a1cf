import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Span } from "../../src/core/index.ts";
import { readOtlpJson, readOtlpProtobuf } from "../../src/otlp/index.ts";
import { exportOtlp, withSpan } from "../../src/tracing/index.ts";
import { captureTrace } from "../tracing/captured-traces.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-collector-"));

/** The one that `ASSAY_TEST_COLLECTOR` names, else one that is built of OpenTelemetry's modules, once. */
async function collector(): Promise<{ readonly path: string } | { readonly missing: string }> {
  const named = process.env.ASSAY_TEST_COLLECTOR;
  if (named !== undefined) return { path: named };
  const path = join(tmpdir(), "assay-otelcol-0.165.0");
  if (existsSync(path)) return { path };
  const cwd = fileURLToPath(new URL("./collector", import.meta.url));
  try {
    await promisify(execFile)("go", ["build", "-o", path, "."], { cwd, timeout: 500_000 });
    return { path };
  } catch {
    return { missing: "no collector can be built; ASSAY_TEST_COLLECTOR names one" };
  }
}

let found: Awaited<ReturnType<typeof collector>>;
let running: ChildProcess | undefined;
let receiver: Server;
let url = "";
const received: { readonly type: string | undefined; readonly body: Buffer }[] = [];

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  found = await collector();
  receiver = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      received.push({ type: request.headers["content-type"], body: Buffer.concat(parts) });
      response.writeHead(200).end();
    });
  });
  if ("missing" in found) return;
  const out = await listen(receiver);
  const probe = createServer();
  const port = await listen(probe);
  await new Promise((resolve) => probe.close(resolve));
  url = `http://127.0.0.1:${port}/v1/traces`;
  const exporter = (encoding: string) =>
    `{ endpoint: "http://127.0.0.1:${out}", encoding: ${encoding}, compression: none, tls: { insecure: true } }`;
  writeFileSync(
    join(folder, "config.yaml"),
    `
receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:${port}" } } } }
exporters: { otlphttp/json: ${exporter("json")}, otlphttp/proto: ${exporter("proto")} }
service:
  telemetry: { metrics: { level: none } }
  pipelines: { traces: { receivers: [otlp], exporters: [otlphttp/json, otlphttp/proto] } }
`,
  );
  running = spawn(found.path, ["--config", join(folder, "config.yaml")], { stdio: "ignore" });
  for (let attempt = 0; attempt < 200; attempt++) {
    const isUp = await fetch(url).then(
      () => true,
      () => false,
    );
    if (isUp) return;
    await delay(100);
  }
  throw new Error("The collector did not start");
});
afterAll(() => {
  running?.kill();
  receiver.close();
  rmSync(folder, { recursive: true });
});

const sample = () =>
  captureTrace(() =>
    withSpan(
      async (span) => {
        span.setAttributes({ list: ["a", "b"], share: 0.25, isOn: false, count: -3 });
        span.addEvent("cache", { hit: true });
        await withSpan((inner) => inner.setDocuments([{ id: "d", content: "für 🙂" }]), {
          name: "find",
          type: "RETRIEVER",
          inputs: "q",
        });
        await withSpan(() => Promise.reject(new TypeError("wrong")), {
          name: "fails",
          type: "TOOL",
        }).catch(() => undefined);
        return { deep: [1, null, "x"] };
      },
      { name: "root", type: "CHAIN", inputs: { question: "Which port?" } },
    ),
  );

const ordered = (spans: readonly Span[]) =>
  [...spans].sort((a, b) => (a.spanId < b.spanId ? -1 : 1));

describe("a stock OpenTelemetry Collector", () => {
  test.for(["http/protobuf", "http/json"] as const)(
    "passes on what it got as %s, in both forms, as it was written",
    async (protocol, context) => {
      if ("missing" in found) return context.skip(found.missing);
      received.length = 0;
      const trace = await sample();
      await exportOtlp(trace, { url, protocol });
      for (let attempt = 0; received.length < 2 && attempt < 200; attempt++) await delay(50);
      const read = received.map(({ type, body }) => {
        const isJson = type === "application/json";
        return isJson ? readOtlpJson(JSON.parse(body.toString("utf8"))) : readOtlpProtobuf(body);
      });
      expect(new Set(received.map(({ type }) => type)).size).toBe(2);
      for (const { spans, rejected } of read) {
        expect(rejected).toBe(0);
        expect(ordered(spans)).toEqual(ordered(trace.spans));
      }
    },
  );
});
