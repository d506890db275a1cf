import { AssayError, digestOf } from "../../core/index.ts";
import type { Filter, OrderTerm, SearchTarget } from "./filter.ts";
import { DEFAULT_ORDER } from "./order.ts";

/** Where the next page starts: behind the row with these values of the ordered fields. */
export interface PageToken {
  readonly target: SearchTarget;
  /** Of the query the page belongs to, see {@link queryFingerprint}. */
  readonly fingerprint: string;
  /** One value per term of the total order; `null` where the field is absent. */
  readonly after: readonly (string | number | null)[];
}

/**
 * Identifies a query, whatever its page: 64 hex digits, equal for filters and orders that were parsed
 * to the same.
 *
 * @param query.scope - What else narrows the search, as JSON: experiment ids, the view of deleted rows.
 */
export function queryFingerprint<Target extends SearchTarget>(query: {
  readonly target: Target;
  readonly filter: Filter<Target> | undefined;
  readonly order: readonly OrderTerm<Target>[];
  readonly scope: unknown;
}): string {
  const { target, filter = null, order, scope } = query;
  return digestOf({ target, filter, order, scope });
}

/** An opaque text, safe in URLs. Every number survives, NaN and the infinities included. */
export function encodePageToken({ target, fingerprint, after }: PageToken): string {
  // An object stands for what JSON has no number for.
  const values = after.map((value) =>
    typeof value === "number" && !Number.isFinite(value) ? { number: String(value) } : value,
  );
  return Buffer.from(JSON.stringify([target, fingerprint, values]), "utf8").toString("base64url");
}

/**
 * @param expectedFingerprint - Of the query that continues.
 * @throws {AssayError} `invalid-argument` if `token` is none, or if it was made by another query.
 */
export function decodePageToken(token: string, expectedFingerprint: string): PageToken {
  const found = /^[\w-]+$/.test(token) ? toPageToken(parseJson(token)) : undefined;
  if (found === undefined) {
    throw new AssayError(
      "invalid-argument",
      "Expected the page token that the previous page came with, found another text. Pass it on unchanged, or leave it out to start with the first page.",
    );
  }
  if (found.fingerprint !== expectedFingerprint) {
    throw new AssayError(
      "invalid-argument",
      `Expected a page token of this query, found one of a search of ${found.target} with another filter, order or scope. Repeat the search it came from, or leave it out to start with the first page.`,
    );
  }
  return found;
}

function parseJson(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

function toPageToken(json: unknown): PageToken | undefined {
  if (!Array.isArray(json) || json.length !== 3) return undefined;
  const [target, fingerprint, values]: unknown[] = json;
  if (!isTarget(target) || typeof fingerprint !== "string" || !Array.isArray(values)) {
    return undefined;
  }
  const after = values.map(toValue);
  return after.includes(undefined)
    ? undefined
    : { target, fingerprint, after: after.filter((value) => value !== undefined) };
}

function isTarget(json: unknown): json is SearchTarget {
  return typeof json === "string" && Object.hasOwn(DEFAULT_ORDER, json);
}

const NUMBERS: readonly number[] = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

function toValue(json: unknown): string | number | null | undefined {
  if (json === null || typeof json === "string" || typeof json === "number") return json;
  if (typeof json !== "object" || !("number" in json)) return undefined;
  return NUMBERS.find((number) => String(number) === json.number);
}
