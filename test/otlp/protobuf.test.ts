import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { JsonObject, Span } from "../../src/core/index.ts";
import {
  readOtlpJson,
  readOtlpProtobuf,
  writeOtlpJson,
  writeOtlpProtobuf,
} from "../../src/otlp/index.ts";

/** The same spans in both forms, by OpenTelemetry's own classes (test/parity/otlp-protobuf.py). */
const { bytes, json } = JSON.parse(
  readFileSync(new URL("../parity/otlp-protobuf.json", import.meta.url), "utf8"),
) as { bytes: string; json: JsonObject };
const theirs = Buffer.from(bytes, "base64");

const span: Span = {
  traceId: "5b8efff798038103d269b633813fc60c",
  spanId: "eee19b7ec3c1b174",
  parentSpanId: "eee19b7ec3c1b173",
  name: "für alle 🙂",
  type: "TOOL",
  startNs: 1_795_000_000_123_456_789n,
  endNs: 1_795_000_000_123_456_790n,
  status: "ERROR",
  statusMessage: "it failed",
  inputs: { q: [1, 2.5, null, { deep: false }] },
  outputs: "",
  attributes: { count: -3, share: 0.1, list: ["a", "b"], none: [], "service.name": "shop" },
  events: [{ name: "e", timeNs: 5n, attributes: { hit: true } }],
};

describe("OTLP's Protocol Buffers", () => {
  test("are read as opentelemetry-proto 1.45.2 reads them", () => {
    expect(readOtlpProtobuf(theirs)).toEqual(readOtlpJson(json));
    const [first] = readOtlpProtobuf(theirs).spans;
    expect(first).toMatchObject({
      traceId: "5b8efff798038103d269b633813fc60c",
      name: "I'm a server span, für alle 🙂",
      startNs: 1_544_712_660_123_456_789n,
      endNs: 18_446_744_073_709_551_615n,
      status: "ERROR",
      statusMessage: "it failed",
      type: "CHAT_MODEL",
      inputs: [{ role: "user", parts: [{ type: "text", content: "hi" }] }],
      attributes: {
        empty: "",
        false: false,
        zero: 0,
        negative: -5,
        largest: "9223372036854775807",
        double: -637.704,
        bytes: "AP8Q",
        nothing: null,
        list: ["a", 300],
        "no members": [],
        map: { deep: [{ k: "v" }] },
      },
    });
  });

  test("give back the spans that were written", () => {
    const spans = [span, { ...span, spanId: "eee19b7ec3c1b173", status: "UNSET" } as Span];
    expect(readOtlpProtobuf(writeOtlpProtobuf(spans))).toEqual(readOtlpJson(writeOtlpJson(spans)));
    expect(readOtlpProtobuf(writeOtlpProtobuf(spans)).spans[0]).toEqual(span);
  });

  test("that hold texts of megabytes and lists in lists come back whole", () => {
    const long = "ab🙂".repeat(500_000);
    const nested = Array.from({ length: 40 }).reduce<unknown>((inner) => [inner], "x");
    const attributes = { long, nested } as JsonObject;
    const [read] = readOtlpProtobuf(writeOtlpProtobuf([{ ...span, attributes }])).spans;
    expect(read?.attributes.nested).toEqual(nested);
    // Not by an equality that would print it.
    expect(read?.attributes.long === long).toBe(true);
  });

  test("with fields that are not known yet are read without them", () => {
    // Field 50 as a text, a number, and four and eight bytes.
    const unknown = [0x92, 0x03, 1, 65, 0x90, 0x03, 0xff, 0x01, 0x95, 0x03, 1, 2, 3, 4];
    const more = Buffer.concat([
      theirs,
      Buffer.from([...unknown, 0x91, 0x03, 1, 2, 3, 4, 5, 6, 7, 8]),
    ]);
    expect(readOtlpProtobuf(more)).toEqual(readOtlpProtobuf(theirs));
  });

  test.each([
    ["JSON", Buffer.from('{"resourceSpans":[]}')],
    ["an end in the middle", theirs.subarray(0, theirs.length - 7)],
    ["a length beyond the end", Buffer.from([0x0a, 0x7f, 0x01])],
    ["a number without an end", Buffer.from(Array(12).fill(0xff))],
    ["messages in messages without end", nestedLists(200)],
  ])("refuse %s", (_, given) => {
    expect(() => readOtlpProtobuf(given)).toThrow(/Expected traces as OTLP's Protocol Buffers/);
  });

  test("refuse or read whatever bytes come, and never fail otherwise", () => {
    let state = 7;
    for (let round = 0; round < 3000; round++) {
      const broken = Buffer.from(theirs);
      for (let change = 0; change < 1 + (round % 4); change++) {
        state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
        broken[state % broken.length] = (state >> 8) & 0xff;
      }
      try {
        readOtlpProtobuf(broken);
      } catch (error) {
        expect(error).toMatchObject({ code: "invalid-argument" });
      }
    }
  });
});

/** A span whose attribute is a list of a list of a list … */
function nestedLists(depth: number): Buffer {
  const field = (number: number, body: Buffer) => {
    const length: number[] = [];
    for (let rest = body.length; ; rest >>= 7) {
      length.push(rest > 127 ? (rest & 127) | 128 : rest);
      if (rest <= 127) break;
    }
    return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), body]);
  };
  let value = Buffer.alloc(0);
  for (let at = 0; at < depth; at++) value = field(5, field(1, value));
  const attribute = field(9, field(2, value));
  return field(1, field(2, field(2, attribute)));
}
