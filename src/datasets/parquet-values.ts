import type { ParquetParsers } from "hyparquet";
import { isPlainObject, type JsonValue, toJsonValue } from "../core/index.ts";

const MICROS_PER_SECOND = 1_000_000n;
const NANOS_PER_SECOND = 1_000_000_000n;
const MS_PER_DAY = 86_400_000;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** How columns of rich types become text: times keep every digit they have, where a `Date` has milliseconds. */
export const PARSERS: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (millis) => timeText(millis, 1000n, 3),
  timestampFromMicroseconds: (micros) => timeText(micros, MICROS_PER_SECOND, 6),
  timestampFromNanoseconds: (nanos) => timeText(nanos, NANOS_PER_SECOND, 9),
  dateFromDays: (days) =>
    days === undefined ? undefined : new Date(days * MS_PER_DAY).toISOString().slice(0, 10),
  stringFromBytes: (bytes) => bytes && utf8.decode(bytes),
  jsonFromBytes: (bytes) => bytes && parsed(utf8.decode(bytes)),
};

/**
 * A cell of a Parquet file as JSON: integers beyond 2⁵³ and numbers that are none become their text, bytes
 * base64, a missing value null.
 */
export function toJson(value: unknown): JsonValue {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "bigint":
      return isSafe(value) ? Number(value) : value.toString();
    case "undefined":
      return null;
    default:
      return structureToJson(value);
  }
}

/** The engine's message would quote the text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("a cell of type JSON holds malformed JSON");
  }
}

function structureToJson(value: unknown): JsonValue {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as Iterable<unknown>, toJson);
  if (!isPlainObject(value)) return toJsonValue(value);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toJson(member)]));
}

function isSafe(value: bigint): boolean {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER);
}

/** ISO 8601 in UTC, with three digits of the second at least and as many as it takes. */
function timeText(
  given: bigint | number | undefined,
  unitsPerSecond: bigint,
  digits: number,
): string | undefined {
  if (given === undefined) return undefined;
  const units = BigInt(given);
  const fraction = ((units % unitsPerSecond) + unitsPerSecond) % unitsPerSecond;
  const seconds = new Date(Number((units - fraction) / unitsPerSecond) * 1000);
  // Beyond what the calendar of JavaScript knows.
  if (Number.isNaN(seconds.getTime())) return undefined;
  const decimals = fraction
    .toString()
    .padStart(digits, "0")
    .replace(/(?<=^\d{3,})0+$/, "");
  return `${seconds.toISOString().slice(0, -5)}.${decimals}Z`;
}
