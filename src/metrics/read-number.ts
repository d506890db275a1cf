import type { JsonValue } from "../core/json.ts";

export interface ReadNumberOptions {
  /** Default false: the output must be a number and nothing else. True takes the last number of a text. */
  readonly extract?: boolean;
}

/** Digits, in groups of three or not, with fraction and exponent. So many groups that a text of them alone takes no time. */
const NUMBER =
  /(?:(?<![\w.])[-+])?(?:(?:\d{1,3}(?:,\d{3}){1,6}(?!\d)|\d+)(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?/g;

/** The number that a value is, undefined where it is none. */
export function readNumber(
  value: JsonValue | undefined,
  { extract = false }: ReadNumberOptions = {},
): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  if (!extract) return plainNumber(value.trim());
  return plainNumber(value.match(NUMBER)?.at(-1) ?? "");
}

function plainNumber(text: string): number | undefined {
  const plain = /^[-+]?\d{1,3}(?:,\d{3})+(?:\.\d*)?$/.test(text) ? text.replaceAll(",", "") : text;
  // Number() takes "" for 0 and "0x10" for 16.
  // The fraction only behind its point: two runs of digits in a row take a square of the time to fail.
  if (!/^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/.test(plain)) return undefined;
  const number = Number(plain);
  return Number.isFinite(number) ? number : undefined;
}
