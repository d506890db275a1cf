import { type PositionMasks, positionMasks } from "./position-masks.ts";

const ALL_ONES = 0xffffffff;

/**
 * Longest common subsequences of one reference with any number of predictions, 32 cells of the
 * dynamic programming table at a time.
 *
 * After j tokens of a prediction, bit i of the row is 0 exactly where the table grows from the
 * first i to the first i + 1 reference tokens.
 *
 * @see Hyyrö (2004), Bit-parallel LCS-length computation revisited, AWOCA.
 */
export class CommonSubsequence {
  readonly #reference: Int32Array;
  readonly #masks: PositionMasks;
  /** Kept from one prediction to the next; allocating it costs more than filling it. */
  #rows = new Uint32Array(0);

  /** @param reference - Token numbers below `vocabularySize`, as in the predictions. */
  constructor(reference: Int32Array, vocabularySize: number) {
    this.#reference = reference;
    this.#masks = positionMasks(reference, vocabularySize);
  }

  /** Number of tokens in the longest common subsequence. */
  length(prediction: Int32Array): number {
    const row = new Uint32Array(this.#masks.words).fill(ALL_ONES);
    for (const token of prediction) this.#advance(row, 0, 0, token);
    return row.reduce((length, bits) => length + 32 - countOnes(bits), 0);
  }

  /**
   * Sets to 1 the reference positions of one longest common subsequence: where there are several,
   * of the one that google-research/rouge finds.
   */
  mark(prediction: Int32Array, positions: Uint8Array): void {
    const { words } = this.#masks;
    const size = (prediction.length + 1) * words;
    if (this.#rows.length < size) this.#rows = new Uint32Array(2 * size);
    const rows = this.#rows.fill(ALL_ONES, 0, words);
    for (let j = 0; j < prediction.length; j += 1) {
      this.#advance(rows, j * words, (j + 1) * words, prediction[j] as number);
    }
    let i = this.#reference.length;
    let j = prediction.length;
    while (i > 0 && j > 0) {
      if (this.#reference[i - 1] === prediction[j - 1]) {
        i -= 1;
        j -= 1;
        positions[i] = 1;
        continue;
      }
      const bits = rows[j * words + ((i - 1) >>> 5)] as number;
      // A 0 says that one prediction token less keeps the length and one reference token less does not.
      if (((bits >>> ((i - 1) & 31)) & 1) === 0) j -= 1;
      else i -= 1;
    }
  }

  /** Writes the row after one more prediction token; the two rows may be the same. */
  #advance(rows: Uint32Array, from: number, to: number, token: number): void {
    const { bits: masks, words } = this.#masks;
    let carry = 0;
    for (let word = 0; word < words; word += 1) {
      const bits = rows[from + word] as number;
      const matched = bits & (masks[token * words + word] as number);
      const sum = bits + (matched >>> 0) + carry;
      carry = sum > ALL_ONES ? 1 : 0;
      rows[to + word] = sum | (bits & ~matched);
    }
  }
}

function countOnes(bits: number): number {
  const pairs = bits - ((bits >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
