/**
 * Letters and digits of all scripts. Scripts written without spaces give one word a character: their
 * words are not to be had without a dictionary, and dictionaries change from one Node.js to the next.
 */
const UNICODE_WORD =
  /[[\p{L}\p{N}]&&[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]]\p{M}*|[[\p{L}\p{M}\p{N}]--[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]]+/gv;

const UNICODE_TOKEN = new RegExp(`${UNICODE_WORD.source}|[\\p{P}\\p{S}]`, "gv");

const segmenters = new Map<string, Intl.Segmenter>();

/** The words of a text in NFKC, lower case and without punctuation. */
export function unicodeWords(text: string): string[] {
  return text.normalize("NFKC").toLowerCase().match(UNICODE_WORD) ?? [];
}

/** As {@link unicodeWords}, with case and with each punctuation mark and symbol by itself. */
export function unicodeTokens(text: string): string[] {
  return text.normalize("NFKC").match(UNICODE_TOKEN) ?? [];
}

/**
 * The words that the dictionaries of this Node.js find (`Intl.Segmenter`), in NFKC and lower case.
 *
 * @param locale - BCP 47, e.g. `ja`.
 */
export function segmentedWords(text: string, locale: string): string[] {
  let segmenter = segmenters.get(locale);
  if (segmenter === undefined) {
    segmenter = new Intl.Segmenter(locale, { granularity: "word" });
    segmenters.set(locale, segmenter);
  }
  const words: string[] = [];
  for (const { segment, isWordLike } of segmenter.segment(text.normalize("NFKC").toLowerCase())) {
    if (isWordLike === true) words.push(segment);
  }
  return words;
}
