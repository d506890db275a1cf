import { AssayError, isPlainObject, type JsonValue } from "../core/index.ts";

/** A row as its source has it, and where it stands, for error messages. */
export interface RawRow {
  readonly record: { readonly [column: string]: JsonValue };
  /** What `number` counts, e.g. `questions.jsonl line`. */
  readonly unit: string;
  readonly number: number;
  /** Every column of the source, where a record leaves out the empty ones. */
  readonly columns?: readonly string[];
  /** The stored trace that it was made of. */
  readonly traceId?: string;
}

/** Rows as they arrive, a portion at a time; a portion is parsed as it is gone through. */
export type Portions = AsyncIterable<Iterable<RawRow>>;

/** E.g. `questions.jsonl line 7`. */
export function whereOf({ unit, number }: Pick<RawRow, "unit" | "number">): string {
  return `${unit} ${number}`;
}

/** @throws {AssayError} `invalid-argument` unless `value` is an object. */
export function asRecord(value: unknown, unit: string, number: number): RawRow["record"] {
  if (isPlainObject(value)) return value as RawRow["record"];
  throw new AssayError(
    "invalid-argument",
    `${whereOf({ unit, number })}: expected a JSON object, found ${kindOf(value)}`,
  );
}

/** `an array`, `null`, `a string`, `a Map`. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  const name = typeof value === "object" ? value.constructor?.name : typeof value;
  return /^[aeiou]/i.test(name ?? "") ? `an ${name}` : `a ${name}`;
}

/** As many digits as an integer may have that a number cannot hold. */
const MANY_DIGITS = /\d{16}/;

/** Where JSON has a value: what Python's `json.dumps` writes for what JSON does not have. */
const NOT_A_NUMBER = /[:[,]\s*(NaN|-?Infinity)\s*[,}\]]/;

/**
 * Integers beyond 2⁵³ stay the text that they are written as: a number would make two ids into one.
 *
 * @throws {AssayError} `invalid-argument`, which says what was expected and quotes nothing.
 */
export function parseJson(text: string, where: () => string, expected: string): unknown {
  try {
    return MANY_DIGITS.test(text) ? JSON.parse(text, exactInteger as Reviver) : JSON.parse(text);
  } catch {
    const [, name] = NOT_A_NUMBER.exec(text) ?? [];
    const found =
      name === undefined ? "malformed JSON" : `${name}, which JSON does not have; write null`;
    // The engine's message quotes the text; a dataset's text does not belong into an error, nor into its cause.
    throw new AssayError("invalid-argument", `${where()}: expected ${expected}, found ${found}`);
  }
}

type Reviver = (this: unknown, key: string, value: unknown) => unknown;

/** The third argument is newer than the types of the language. */
function exactInteger(_key: string, value: unknown, { source }: { readonly source?: string }) {
  const isRounded = typeof value === "number" && !Number.isSafeInteger(value);
  return isRounded && source !== undefined && /^-?\d+$/.test(source) ? source : value;
}

/** As `object[key] = value`, for any key: data may well have a column `__proto__`. */
export function assign(
  object: { [column: string]: JsonValue },
  key: string,
  value: JsonValue,
): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true });
  } else {
    object[key] = value;
  }
}
