import { canonicalJson, isPlainObject, type JsonValue } from "../core/json.ts";

/** The values at the ends of a JSON structure by their path; an empty object or list is an end too. */
export type JsonLeaves = ReadonlyMap<string, readonly JsonValue[]>;

/**
 * @param isOrdered - Whether a member of a list is told by its index. Otherwise the members of a list
 *   share one path, and their values stand under it in any order.
 */
export function jsonLeaves(value: JsonValue, isOrdered: boolean): JsonLeaves {
  const leaves = new Map<string, JsonValue[]>();
  const pending: [path: string, value: JsonValue][] = [["$", value]];
  for (let entry = pending.pop(); entry !== undefined; entry = pending.pop()) {
    const [path, member] = entry;
    const members = membersOf(member, isOrdered);
    if (members.length === 0) {
      const values = leaves.get(path);
      if (values === undefined) leaves.set(path, [member]);
      else values.push(member);
    }
    for (const [key, inner] of members) pending.push([`${path}${key}`, inner]);
  }
  return leaves;
}

function membersOf(value: JsonValue, isOrdered: boolean): [key: string, value: JsonValue][] {
  if (Array.isArray(value)) {
    const list = value as readonly JsonValue[];
    return list.map((member, index) => [isOrdered ? `[${index}]` : "[]", member]);
  }
  if (!isPlainObject(value)) return [];
  // Quoted, so that a key with a dot in it is told from two keys.
  return Object.entries(value as { [key: string]: JsonValue }).map(([key, member]) => [
    `.${JSON.stringify(key)}`,
    member,
  ]);
}

/**
 * How many values of the two lists can be paired one to one, numbers within the tolerance of each
 * other. It is the most that can be.
 */
export function pairedValues(
  a: readonly JsonValue[],
  b: readonly JsonValue[],
  tolerance: number,
): number {
  return pairedNumbers(numbersOf(a), numbersOf(b), tolerance) + pairedOthers(a, b);
}

/** In order of size the first that fits is the right one, as every number reaches equally far. */
function pairedNumbers(a: readonly number[], b: readonly number[], tolerance: number): number {
  let pairs = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const difference = (a[i] as number) - (b[j] as number);
    if (Math.abs(difference) <= tolerance) {
      pairs += 1;
      i += 1;
      j += 1;
    } else if (difference < 0) i += 1;
    else j += 1;
  }
  return pairs;
}

function pairedOthers(a: readonly JsonValue[], b: readonly JsonValue[]): number {
  const left = new Map<string, number>();
  for (const value of b) {
    if (typeof value === "number") continue;
    const text = canonicalJson(value);
    left.set(text, (left.get(text) ?? 0) + 1);
  }
  let pairs = 0;
  for (const value of a) {
    if (typeof value === "number") continue;
    const text = canonicalJson(value);
    const count = left.get(text) ?? 0;
    if (count === 0) continue;
    left.set(text, count - 1);
    pairs += 1;
  }
  return pairs;
}

function numbersOf(values: readonly JsonValue[]): number[] {
  return values.filter((value) => typeof value === "number").sort((x, y) => x - y);
}
