/** Gives uniform numbers in [0, 1), one a call. */
export type Random = () => number;

/**
 * mulberry32 by Tommy Ettinger: 32 bits of state, the same numbers everywhere. Good enough to resample and
 * shuffle; not for secrets.
 *
 * @param seed - An integer; its low 32 bits count.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A shuffled copy (Fisher–Yates). */
export function shuffled<T>(items: ArrayLike<T>, random: Random): T[] {
  const copy = Array.from(items);
  for (let i = copy.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
  }
  return copy;
}
