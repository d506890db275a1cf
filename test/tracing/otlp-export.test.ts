import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import {
  configureTracing,
  flushTraces,
  searchTraces,
  setTrackingUri,
  withSpan,
} from "../../src/index.ts";
import { readOtlpJson, readOtlpProtobuf } from "../../src/otlp/index.ts";
import { exportOtlp, type OtlpOptions } from "../../src/tracing/otlp-export.ts";
import { closeStores } from "../../src/tracking/index.ts";
import { captureTrace } from "./captured-traces.ts";

let server: Server;
let url: string;
interface Received {
  readonly path: string;
  readonly type: string | undefined;
  readonly body: Buffer;
  readonly key: unknown;
}
const received: Received[] = [];
let answers: number[] = [];

beforeAll(async () => {
  setTrackingUri("sqlite:///:memory:");
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const { "x-key": key, "content-type": type } = request.headers;
      received.push({ path: request.url ?? "", type, body: Buffer.concat(parts), key });
      response.writeHead(answers.shift() ?? 200, { "retry-after": "7" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`;
});
afterEach(() => {
  received.length = 0;
  answers = [];
});
afterAll(async () => {
  server.close();
  await closeStores();
});

const SECRET = `sk-${"fake".repeat(8)}`;

test("traces go to an OTLP receiver beside the store, without secrets, in other vocabularies too", async () => {
  configureTracing({ otlp: { url, headers: { "x-key": "k" }, dialects: ["openinference"] } });
  await withSpan(() => `the key is ${SECRET}`, { name: "answer", type: "TOOL", inputs: { q: 1 } });
  await flushTraces();
  expect(received).toMatchObject([
    { path: "/v1/traces", type: "application/x-protobuf", key: "k" },
  ]);
  const { body } = received[0] as Received;
  expect(body.toString("latin1")).not.toContain(SECRET);
  expect(body.toString("latin1")).toContain("openinference.span.kind");
  const [span] = readOtlpProtobuf(body).spans;
  expect(span).toMatchObject({
    name: "answer",
    type: "TOOL",
    inputs: { q: 1 },
    outputs: "the key is [redacted]",
  });
  expect((await searchTraces()).map(({ name }) => name)).toEqual(["answer"]);
});

test("or there alone", async () => {
  configureTracing({ otlp: { url, only: true } });
  await withSpan(() => 1, { name: "elsewhere" });
  await flushTraces();
  expect(received).toHaveLength(1);
  expect((await searchTraces()).map(({ name }) => name)).toEqual(["answer"]);
});

test("as JSON where that is asked for", async () => {
  const trace = await captureTrace(() => withSpan(() => 1, { name: "s", type: "TOOL" }));
  await exportOtlp(trace, { url, protocol: "http/json" });
  const [{ type, body }] = received as [Received];
  expect(type).toBe("application/json");
  expect(readOtlpJson(JSON.parse(body.toString("utf8"))).spans).toEqual(trace.spans);
  await exportOtlp(trace, { url });
  expect(readOtlpProtobuf((received[1] as Received).body).spans).toEqual(trace.spans);
  const otlp = { url, protocol: "grpc" } as unknown as OtlpOptions;
  expect(() => configureTracing({ otlp })).toThrow("http/protobuf, http/json");
});

test("what a busy receiver refuses is sent again when it says, what a receiver rejects is not", async () => {
  const trace = await captureTrace(() => withSpan(() => 1, { name: "s" }));
  const waits: number[] = [];
  const wait = async (ms: number) => void waits.push(ms);
  answers = [503, 429];
  await exportOtlp(trace, { url }, wait);
  expect([received.length, waits]).toEqual([3, [7000, 7000]]);
  answers = [400];
  await expect(exportOtlp(trace, { url }, wait)).rejects.toThrow("HTTP 400");
  expect(received).toHaveLength(4);
  const nowhere = exportOtlp(trace, { url: "http://127.0.0.1:9/" }, wait);
  await expect(nowhere).rejects.toMatchObject({ code: "unavailable" });
});
