/**
 * For each token number, a bit set of the positions at which a text has it: what the bit-parallel
 * algorithms read 32 cells of their table from.
 */
export interface PositionMasks {
  /** `words` 32-bit words for each token number. */
  readonly bits: Uint32Array;
  readonly words: number;
}

/** @param tokens - Numbers below `vocabularySize`. */
export function positionMasks(tokens: Int32Array, vocabularySize: number): PositionMasks {
  const words = (tokens.length + 31) >>> 5;
  const bits = new Uint32Array(vocabularySize * words);
  for (let position = 0; position < tokens.length; position += 1) {
    const word = (tokens[position] as number) * words + (position >>> 5);
    bits[word] = (bits[word] as number) | (1 << (position & 31));
  }
  return { bits, words };
}
