import { PairNumbers, UNKNOWN } from "./pair-numbers.ts";

/**
 * How many n-grams of a text occur in its references, for n = 1 … `maxOrder`. Each n-gram counts at
 * most as often as in the reference that has it most often (clipping).
 *
 * @param prediction - Token numbers below `vocabularySize`, as in `references`.
 * @returns `maxOrder` counts.
 */
export function ngramMatches(
  prediction: Int32Array,
  references: readonly Int32Array[],
  maxOrder: number,
  vocabularySize: number,
): number[] {
  const matches: number[] = new Array(maxOrder).fill(0);
  const capacity = references.reduce((total, reference) => total + reference.length, 0);
  // Numbers of the n-grams that start at each position; one order replaces the other in place, since
  // allocating typed arrays would cost more than all the counting.
  const predicted = prediction.slice();
  const expected = references.map((reference) => reference.slice());
  const numbers = new PairNumbers(maxOrder === 1 ? 0 : capacity);
  const limits = new Int32Array(Math.max(capacity, vocabularySize));
  for (let order = 1; order <= maxOrder; order += 1) {
    setLimits(limits, expected, order);
    const matched = countWithin(limits, predicted, order);
    matches[order - 1] = matched;
    // A shared n-gram has its shorter ones shared.
    if (matched === 0 || order === maxOrder) break;
    numbers.clear();
    expected.forEach((ids, index) => {
      const tokens = references[index] as Int32Array;
      extend(ids, tokens, order, (prefix, token) => numbers.add(prefix, token));
    });
    extend(predicted, prediction, order, (prefix, token) => numbers.get(prefix, token));
  }
  return matches;
}

/** n-grams of a text of `length` tokens, with repetitions. */
export function ngramCount(length: number, order: number): number {
  return Math.max(0, length - order + 1);
}

/** An n-gram one token longer is the pair of the n-gram and that token. */
function extend(
  ids: Int32Array,
  tokens: Int32Array,
  order: number,
  numberOf: (prefix: number, token: number) => number,
): void {
  const count = ngramCount(tokens.length, order + 1);
  for (let start = 0; start < count; start += 1) {
    const prefix = ids[start] as number;
    if (prefix !== UNKNOWN) ids[start] = numberOf(prefix, tokens[start + order] as number);
  }
}

/** How often each n-gram may count: its greatest count in any one reference. */
function setLimits(limits: Int32Array, references: readonly Int32Array[], order: number): void {
  limits.fill(0);
  for (const ids of references) {
    const counts = references.length === 1 ? limits : new Int32Array(limits.length);
    const count = ngramCount(ids.length, order);
    for (let start = 0; start < count; start += 1) {
      const id = ids[start] as number;
      counts[id] = (counts[id] as number) + 1;
    }
    if (counts === limits) return;
    for (let id = 0; id < limits.length; id += 1) {
      limits[id] = Math.max(limits[id] as number, counts[id] as number);
    }
  }
}

/** Uses the limits up. */
function countWithin(limits: Int32Array, ids: Int32Array, order: number): number {
  const count = ngramCount(ids.length, order);
  let matched = 0;
  for (let start = 0; start < count; start += 1) {
    const id = ids[start] as number;
    const left = id === UNKNOWN ? 0 : (limits[id] as number);
    if (left === 0) continue;
    limits[id] = left - 1;
    matched += 1;
  }
  return matched;
}
