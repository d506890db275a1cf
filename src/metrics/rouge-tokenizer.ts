import { porterStem } from "./porter-stemmer.ts";
import { segmentedWords, unicodeWords } from "./text-tokenizer.ts";

export interface RougeOptions {
  /**
   * Default `ascii`: Google's, for which every character outside a–z and 0–9 separates words, so
   * that "café" is "caf" and Japanese text is empty. `unicode` keeps the letters of all scripts and
   * takes each character of scripts written without spaces as a word; `segmenter` finds words in those
   * with the dictionaries of this Node.js.
   */
  readonly tokenizer?: "ascii" | "unicode" | "segmenter";
  /** Language that `segmenter` expects, BCP 47; default `en`. */
  readonly locale?: string;
  /** Default false. Compares words of more than three letters by their Porter stem (English). */
  readonly stemmer?: boolean;
}

const ASCII_WORD = /[a-z0-9]+/g;

/** The words that ROUGE counts, in lower case. */
export function rougeTokens(text: string, options: RougeOptions): string[] {
  const words = wordsOf(text, options);
  return options.stemmer === true
    ? words.map((word) => (word.length > 3 ? porterStem(word) : word))
    : words;
}

function wordsOf(text: string, { tokenizer = "ascii", locale = "en" }: RougeOptions): string[] {
  switch (tokenizer) {
    case "ascii":
      return text.toLowerCase().match(ASCII_WORD) ?? [];
    case "unicode":
      return unicodeWords(text);
    case "segmenter":
      return segmentedWords(text, locale);
  }
}
