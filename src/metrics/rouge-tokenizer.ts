import { porterStem } from "./porter-stemmer.ts";

export interface RougeOptions {
  /**
   * Default `ascii`: Google's, for which every character outside a–z and 0–9 separates words, so
   * that "café" is "caf" and Japanese text is empty. `unicode` keeps the letters of all scripts and
   * takes each character of scripts written without spaces as a word.
   */
  readonly tokenizer?: "ascii" | "unicode";
  /** Default false. Compares words of more than three letters by their Porter stem (English). */
  readonly stemmer?: boolean;
}

const ASCII_WORD = /[a-z0-9]+/g;
const UNICODE_WORD =
  /[[\p{L}\p{N}]&&[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]]\p{M}*|[[\p{L}\p{M}\p{N}]--[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]]+/gv;

/** The words that ROUGE counts, in lower case. */
export function rougeTokens(text: string, options: RougeOptions): string[] {
  const words =
    options.tokenizer === "unicode"
      ? text.normalize("NFKC").toLowerCase().match(UNICODE_WORD)
      : text.toLowerCase().match(ASCII_WORD);
  if (words === null) return [];
  return options.stemmer === true
    ? words.map((word) => (word.length > 3 ? porterStem(word) : word))
    : words;
}
