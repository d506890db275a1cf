import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { crc32 } from "node:zlib";

/** An answer in which S3 refuses a request. */
export class S3Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

/** The body without aws-chunked framing; a checksum that comes with it, also as a trailer, has to fit. */
export function decodedBody(headers: IncomingHttpHeaders, raw: Buffer): Buffer {
  const isChunked = headers["content-encoding"]?.includes("aws-chunked");
  const { body, trailers } = isChunked ? unframed(raw) : { body: raw, trailers: {} };
  const claimed: IncomingHttpHeaders = { ...headers, ...trailers };
  verify(claimed["x-amz-checksum-crc32"], crc32Of(body));
  verify(claimed["x-amz-checksum-sha256"], sha256Of(body));
  const hash = headers["x-amz-content-sha256"];
  if (typeof hash === "string" && /^[0-9a-f]{64}$/.test(hash)) {
    verify(hash, createHash("sha256").update(body).digest("hex"));
  }
  return body;
}

export function sha256Of(body: Buffer): string {
  return createHash("sha256").update(body).digest("base64");
}

function crc32Of(body: Buffer): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString("base64");
}

function verify(claimed: string | string[] | undefined, actual: string): void {
  if (claimed !== undefined && claimed !== actual) throw new S3Refusal(400, "BadDigest");
}

/** `<hex size>[;…]\r\n<bytes>\r\n` until the size 0, then `name:value\r\n` trailers. */
function unframed(raw: Buffer): { body: Buffer; trailers: { [name: string]: string } } {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = raw.indexOf("\r\n", at);
    const size = Number.parseInt(raw.toString("latin1", at, lineEnd), 16);
    at = lineEnd + 2;
    if (!(size > 0)) break;
    chunks.push(raw.subarray(at, at + size));
    at += size + 2;
  }
  const lines = raw.toString("latin1", at).split("\r\n").filter(Boolean);
  const trailers = lines.map((line) => line.split(":", 2).map((text) => text.trim()));
  return { body: Buffer.concat(chunks), trailers: Object.fromEntries(trailers) };
}
