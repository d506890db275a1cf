import { positionMasks } from "./position-masks.ts";

/**
 * Levenshtein distance of two token sequences, 32 cells of the dynamic programming table at a time.
 *
 * @param a - Token numbers below `vocabularySize`, as `b`.
 * @see Myers (1999), JACM 46:395–415, in the form of Hyyrö (2003), Nordic J. of Computing 10:29–39.
 */
export function editDistance(a: Int32Array, b: Int32Array, vocabularySize: number): number {
  if (a.length === 0) return b.length;
  const { bits: masks, words } = positionMasks(a, vocabularySize);
  // Bit i says that the table grows (or falls) by one from position i of `a` to the next.
  const grows = new Int32Array(words).fill(-1);
  const falls = new Int32Array(words);
  const lastBit = (a.length - 1) & 31;
  let distance = a.length;
  for (const token of b) {
    // The change along `b` that enters a word from the one before; the top row grows by one.
    let change = 1;
    for (let word = 0; word < words; word += 1) {
      const grown = grows[word] as number;
      const fallen = falls[word] as number;
      const equal = (masks[token * words + word] as number) | (change < 0 ? 1 : 0);
      const vertical = (masks[token * words + word] as number) | fallen;
      const horizontal = (((equal & grown) + grown) ^ grown) | equal;
      const up = fallen | ~(horizontal | grown);
      const down = grown & horizontal;
      const top = word === words - 1 ? lastBit : 31;
      const leaving = ((up >>> top) & 1) - ((down >>> top) & 1);
      const shiftedUp = (up << 1) | (change > 0 ? 1 : 0);
      const shiftedDown = (down << 1) | (change < 0 ? 1 : 0);
      grows[word] = shiftedDown | ~(vertical | shiftedUp);
      falls[word] = shiftedUp & vertical;
      change = leaving;
    }
    distance += change;
  }
  return distance;
}
