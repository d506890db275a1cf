import { mergedPartCount } from "./merge-byte-pairs.ts";

/** The ranks of an encoding's tokens by their bytes, read as Latin-1: one character a byte. */
type Ranks = ReadonlyMap<string, number>;

/** Remembered words, each with its number of tokens. Cleared as a whole when full. */
const MAX_REMEMBERED = 50_000;
/** Longer words are seldom seen twice, and would fill the memory. */
const MAX_REMEMBERED_LENGTH = 40;

/** Counts the tokens of texts in a byte pair encoding. */
export class BytePairEncoder {
  readonly #ranks: Ranks;
  readonly #word: RegExp;
  readonly #remembered = new Map<string, number>();

  /**
   * @param tokens - The bytes of each token by rank, as text where they are UTF-8.
   * @param word - Splits a text into the words that tokens stay inside of; global.
   */
  constructor(tokens: readonly (string | readonly number[])[], word: RegExp) {
    this.#word = word;
    const ranks = new Map<string, number>();
    tokens.forEach((token, rank) => {
      ranks.set(
        typeof token === "string" ? latin1OfText(token) : String.fromCharCode(...token),
        rank,
      );
    });
    this.#ranks = ranks;
  }

  /** Number of tokens; what looks like a special token is read as the text it is. */
  count(text: string): number {
    let count = 0;
    for (const word of text.match(this.#word) ?? []) count += this.#countWord(word);
    return count;
  }

  #countWord(word: string): number {
    const remembered = this.#remembered.get(word);
    if (remembered !== undefined) return remembered;
    const bytes = latin1OfText(word);
    const count = this.#ranks.has(bytes) ? 1 : mergedPartCount(bytes, this.#ranks);
    if (word.length <= MAX_REMEMBERED_LENGTH) {
      if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
      this.#remembered.set(word, count);
    }
    return count;
  }
}

/** The UTF-8 bytes of a text, one character each. */
function latin1OfText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is its own UTF-8.
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  return Buffer.from(text, "utf8").toString("latin1");
}
