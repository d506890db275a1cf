import { dictionary } from "cmu-pronouncing-dictionary";

/**
 * Syllables of English words by the first pronunciation that CMUdict gives: the phones that carry a
 * stress digit. One text for each count, its words separated by spaces, so that the published package
 * holds this table in place of the dictionary.
 */
export const WORDS_BY_SYLLABLES: readonly string[] = wordsBySyllables();

function wordsBySyllables(): string[] {
  const words: string[][] = [];
  for (const [word, phones] of Object.entries(dictionary)) {
    // "read(2)" is another pronunciation of "read".
    if (word.endsWith(")")) continue;
    const count = phones.split(" ").filter((phone) => /\d$/.test(phone)).length;
    while (words.length <= count) words.push([]);
    words[count]?.push(word);
  }
  return words.map((group) => group.join(" "));
}
