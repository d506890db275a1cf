import type { Span } from "../core/index.ts";
import { type ReadSpans, readOtlpJson, writeOtlpJson } from "./otlp-json.ts";
import { decodeMessage } from "./protobuf-reader.ts";
import { TRACES } from "./protobuf-schema.ts";
import { encodeMessage } from "./protobuf-writer.ts";
import type { OtlpDialect } from "./write-dialects.ts";

/**
 * Spans of OTLP's Protocol Buffers, an `ExportTraceServiceRequest` or `TracesData`. What is no span is left
 * out and counted.
 *
 * @throws {AssayError} `invalid-argument` for bytes that are neither.
 */
export function readOtlpProtobuf(bytes: Uint8Array): ReadSpans {
  return readOtlpJson(decodeMessage(bytes, TRACES));
}

/** The spans as an `ExportTraceServiceRequest`, with inputs and outputs under our own names. */
export function writeOtlpProtobuf(
  spans: readonly Span[],
  dialects: readonly OtlpDialect[] = [],
): Uint8Array<ArrayBuffer> {
  return encodeMessage(writeOtlpJson(spans, dialects), TRACES);
}
