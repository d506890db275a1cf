import { canonicalJson, isPlainObject, type JsonValue } from "../core/json.ts";
import type { ExpectedToolCall, ToolCall } from "./tool-calls.ts";

/**
 * What of an expected call's arguments must be met: `full`, all of them and no others; `partial`, those
 * that are given, at every depth; `ignore`, none.
 */
export type ArgumentMatch = "full" | "partial" | "ignore";

export function isSameCall(
  actual: ToolCall,
  expected: ExpectedToolCall,
  match: ArgumentMatch,
): boolean {
  if (actual.name !== expected.name) return false;
  if (match === "ignore" || expected.arguments === undefined) return true;
  const given = actual.arguments ?? {};
  return match === "partial"
    ? includes(given, expected.arguments)
    : canonicalJson(given) === canonicalJson(expected.arguments);
}

/** Whether `value` has all that `part` has; lists must be as long. */
function includes(value: JsonValue, part: JsonValue): boolean {
  if (Array.isArray(part)) {
    return (
      Array.isArray(value) &&
      value.length === part.length &&
      part.every((member: JsonValue, index) => includes(value[index] as JsonValue, member))
    );
  }
  if (!isPlainObject(part)) return value === part;
  if (!isPlainObject(value)) return false;
  return Object.entries(part).every(
    ([key, member]) =>
      Object.hasOwn(value, key) && includes(value[key] as JsonValue, member as JsonValue),
  );
}

/**
 * The most calls that can be paired with expected ones, one to one. Taking for each call the first that
 * fits would not do: with partial arguments, it may be the only one that another call fits.
 *
 * @see Kuhn (1955), The Hungarian method for the assignment problem: augmenting paths.
 */
export function pairedCalls(
  actual: readonly ToolCall[],
  expected: readonly ExpectedToolCall[],
  match: ArgumentMatch,
): number {
  const fits = actual.map((call) =>
    expected.flatMap((wanted, index) => (isSameCall(call, wanted, match) ? [index] : [])),
  );
  /** Of each expected call, the actual one that it is paired with. */
  const partner: (number | undefined)[] = expected.map(() => undefined);
  // What a search that failed has seen leads nowhere until another search succeeds.
  let seen = new Set<number>();
  const place = (call: number): boolean => {
    const wanted = fits[call]?.find((index) => partner[index] === undefined);
    if (wanted !== undefined) {
      partner[wanted] = call;
      return true;
    }
    for (const index of fits[call] ?? []) {
      if (seen.has(index)) continue;
      seen.add(index);
      if (!place(partner[index] as number)) continue;
      partner[index] = call;
      return true;
    }
    return false;
  };
  return actual.filter((_, call) => {
    const isPlaced = place(call);
    if (isPlaced) seen = new Set();
    return isPlaced;
  }).length;
}
