import { AssayError } from "../core/index.ts";
import type { Field, FieldType, Message } from "./protobuf-schema.ts";

/** Wire types of Protocol Buffers. */
export const WIRE = {
  varint: 0,
  fixed64: 1,
  bytes: 2,
  startGroup: 3,
  endGroup: 4,
  fixed32: 5,
} as const;

/** Messages inside each other: attributes may hold lists of lists. */
const DEEPEST = 100;

type Members = { [name: string]: unknown };

/**
 * A message of Protocol Buffers in the shape of OTLP's JSON: ids are hex, 64-bit numbers texts. Fields that
 * are unknown are passed over; absent ones stay absent.
 *
 * @throws {AssayError} `invalid-argument` for bytes that are no such message.
 */
export function decodeMessage(bytes: Uint8Array, message: Message): Members {
  return new Reader(bytes).message(message, bytes.length, 0);
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  message({ byNumber }: Message, end: number, depth: number): Members {
    if (depth > DEEPEST) throw malformed("messages nested more than 100 deep");
    const members: Members = {};
    while (this.#at < end) {
      const tag = this.#smallVarint();
      const wire = tag & 7;
      const field = byNumber.get(tag >>> 3);
      if (field === undefined || !fits(field, wire)) {
        if (tag >>> 3 === 0) throw malformed("field number 0");
        this.#skip(wire, end);
        continue;
      }
      const value = this.#value(field.type(), end, depth);
      if (!field.isList) {
        members[field.name] = value;
        continue;
      }
      const list = members[field.name];
      if (Array.isArray(list)) list.push(value);
      else members[field.name] = [value];
    }
    if (this.#at > end) throw malformed("a field that is longer than its message");
    return members;
  }

  #value(type: FieldType, end: number, depth: number): unknown {
    switch (type) {
      case "bool":
        return this.#varint() !== 0n;
      case "int":
        return Number(BigInt.asIntN(32, this.#varint()));
      case "int64":
        return BigInt.asIntN(64, this.#varint()).toString();
      case "double":
        return this.#view.getFloat64(this.#advance(8, end), true);
      case "fixed32":
        return this.#view.getUint32(this.#advance(4, end), true);
      case "fixed64":
        return this.#view.getBigUint64(this.#advance(8, end), true).toString();
      case "string":
        return this.#slice(end).toString("utf8");
      case "id":
        return this.#slice(end).toString("hex");
      case "bytes":
        return this.#slice(end).toString("base64");
      default: {
        const inner = this.#length(end);
        return this.message(type, inner, depth + 1);
      }
    }
  }

  #skip(wire: number, end: number): void {
    if (wire === WIRE.varint) this.#varint();
    else if (wire === WIRE.fixed64) this.#advance(8, end);
    else if (wire === WIRE.fixed32) this.#advance(4, end);
    else if (wire === WIRE.bytes) this.#at = this.#length(end);
    // Groups are older than OTLP.
    else throw malformed(`wire type ${wire}`);
  }

  /** Where the field with a length before it ends. */
  #length(end: number): number {
    const length = this.#smallVarint();
    if (length > end - this.#at) throw malformed("a field that is longer than its message");
    return this.#at + length;
  }

  #slice(end: number): Buffer {
    const stop = this.#length(end);
    const { buffer, byteOffset } = this.#bytes;
    const slice = Buffer.from(buffer, byteOffset + this.#at, stop - this.#at);
    this.#at = stop;
    return slice;
  }

  /** @returns Where the bytes begin. */
  #advance(count: number, end: number): number {
    const start = this.#at;
    if (count > end - start) throw malformed("an end in the middle of a number");
    this.#at += count;
    return start;
  }

  /** Of tags and lengths, which have 32 bits. */
  #smallVarint(): number {
    const value = this.#varint();
    if (value > 0xffff_ffffn) throw malformed("a length of more than 32 bits");
    return Number(value);
  }

  #varint(): bigint {
    let low = 0;
    // Nearly all have at most four bytes; numbers of JavaScript take them without a bigint for each step.
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte();
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt(low);
    }
    let value = BigInt(low);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw malformed("a number of more than 64 bits");
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw malformed("an end in the middle of a field");
    this.#at += 1;
    return byte;
  }
}

/** What is written differently than the field is by today's schema is taken for unknown. */
function fits({ type }: Field, wire: number): boolean {
  return wireOf(type()) === wire;
}

export function wireOf(type: FieldType): number {
  switch (type) {
    case "bool":
    case "int":
    case "int64":
      return WIRE.varint;
    case "double":
    case "fixed64":
      return WIRE.fixed64;
    case "fixed32":
      return WIRE.fixed32;
    default:
      return WIRE.bytes;
  }
}

function malformed(found: string): AssayError {
  return new AssayError(
    "invalid-argument",
    `Expected traces as OTLP's Protocol Buffers, found ${found}. Send an ExportTraceServiceRequest, or JSON with its content type.`,
  );
}
