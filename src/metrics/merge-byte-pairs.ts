const NONE = -1;
/** A pair on the heap is one number, its rank before its position. */
const START_RANGE = 2 ** 32;

/**
 * How many tokens are left of a word after byte pair merging: of all neighbouring parts that together
 * are a token, the pair of lowest rank becomes one, the leftmost of equals first, until there is none.
 *
 * In O(n log n) of the word's length, by a heap of the pairs: a word can be a text of megabytes
 * (base64, or a script written without spaces), and a search for the best pair each time would take hours.
 *
 * @param bytes - One character a byte; each byte by itself is a token.
 */
export function mergedPartCount(bytes: string, ranks: ReadonlyMap<string, number>): number {
  const length = bytes.length;
  // Parts as a linked list by the position that they start at.
  const next = new Int32Array(length + 1);
  const previous = new Int32Array(length + 1);
  // Rank of the pair that starts at a position; an entry of the heap that says otherwise is out of date.
  const pairRank = new Int32Array(length).fill(NONE);
  const heap = new PairHeap();
  const rankPair = (start: number): void => {
    const middle = next[start] as number;
    const rank =
      middle >= length ? undefined : ranks.get(bytes.slice(start, next[middle] as number));
    pairRank[start] = rank ?? NONE;
    if (rank !== undefined) heap.push(rank * START_RANGE + start);
  };
  for (let position = 0; position <= length; position += 1) {
    next[position] = position + 1;
    previous[position] = position - 1;
  }
  for (let start = 0; start < length; start += 1) rankPair(start);
  let parts = length;
  for (let entry = heap.pop(); entry !== undefined; entry = heap.pop()) {
    const start = entry % START_RANGE;
    if (pairRank[start] !== Math.floor(entry / START_RANGE)) continue;
    const middle = next[start] as number;
    const end = next[middle] as number;
    pairRank[middle] = NONE;
    next[start] = end;
    previous[end] = start;
    parts -= 1;
    rankPair(start);
    const before = previous[start] as number;
    if (before >= 0) rankPair(before);
  }
  return parts;
}

/** The least number first. */
class PairHeap {
  readonly #entries: number[] = [];

  push(entry: number): void {
    const entries = this.#entries;
    let child = entries.length;
    entries.push(entry);
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if ((entries[parent] as number) <= entry) break;
      entries[child] = entries[parent] as number;
      child = parent;
    }
    entries[child] = entry;
  }

  pop(): number | undefined {
    const entries = this.#entries;
    const [least] = entries;
    const last = entries.pop();
    if (entries.length === 0 || last === undefined) return least;
    let parent = 0;
    for (let child = 1; child < entries.length; child = 2 * parent + 1) {
      if ((entries[child + 1] ?? Number.POSITIVE_INFINITY) < (entries[child] as number)) child += 1;
      if ((entries[child] as number) >= last) break;
      entries[parent] = entries[child] as number;
      parent = child;
    }
    entries[parent] = last;
    return least;
  }
}
