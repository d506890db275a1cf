import { AssayError } from "../core/index.ts";
import { WIRE, wireOf } from "./protobuf-reader.ts";
import type { FieldType, Message } from "./protobuf-schema.ts";

type Members = { readonly [name: string]: unknown };

/** Pieces of a message and how long they are together: what is inside is not copied for each level around it. */
interface Written {
  readonly pieces: Uint8Array[];
  length: number;
}

/**
 * An object in the shape of OTLP's JSON as a message of Protocol Buffers. Members that the schema does not
 * have are left out.
 *
 * @throws {AssayError} `internal` for a member that is not of its field's type.
 */
export function encodeMessage(value: object, message: Message): Uint8Array<ArrayBuffer> {
  const { pieces, length } = written(value as Members, message);
  return Buffer.concat(pieces, length);
}

function written(value: Members, { byNumber }: Message): Written {
  const out: Written = { pieces: [], length: 0 };
  for (const { number, name, type, isList } of byNumber.values()) {
    const given = value[name];
    if (given === undefined) continue;
    const own = type();
    const tag = varint(BigInt((number << 3) | wireOf(own)));
    for (const one of isList ? (given as readonly unknown[]) : [given]) {
      put(out, tag);
      if (typeof own === "object") putMessage(out, written(one as Members, own));
      else if (wireOf(own) === WIRE.bytes) putBytes(out, bytesOf(own, String(one)));
      else put(out, numberOf(own, one, name));
    }
  }
  return out;
}

function putMessage(out: Written, inner: Written): void {
  put(out, varint(BigInt(inner.length)));
  for (const piece of inner.pieces) out.pieces.push(piece);
  out.length += inner.length;
}

function putBytes(out: Written, bytes: Uint8Array): void {
  put(out, varint(BigInt(bytes.length)));
  put(out, bytes);
}

const ENCODINGS = { string: "utf8", id: "hex", bytes: "base64" } as const;

function bytesOf(type: FieldType, value: string): Uint8Array {
  return Buffer.from(value, ENCODINGS[type as keyof typeof ENCODINGS]);
}

function numberOf(type: FieldType, value: unknown, name: string): Uint8Array {
  switch (type) {
    case "bool":
      return varint(value === true ? 1n : 0n);
    case "double":
      return fixed(8, (view) => view.setFloat64(0, Number(value), true));
    case "fixed32":
      return fixed(4, (view) => view.setUint32(0, Number(value), true));
    case "fixed64":
      return fixed(8, (view) => view.setBigUint64(0, bigintOf(value, name), true));
    default:
      return varint(BigInt.asUintN(64, bigintOf(value, name)));
  }
}

function put(out: Written, piece: Uint8Array): void {
  out.pieces.push(piece);
  out.length += piece.length;
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

function fixed(bytes: 4 | 8, set: (view: DataView) => void): Uint8Array {
  const view = new DataView(new ArrayBuffer(bytes));
  set(view);
  return new Uint8Array(view.buffer);
}

function bigintOf(value: unknown, name: string): bigint {
  if (typeof value === "number" && Number.isInteger(value)) return BigInt(value);
  if (typeof value === "string" && /^-?\d+$/.test(value)) return BigInt(value);
  throw new AssayError("internal", `Expected \`${name}\` of OTLP to be a whole number`);
}
