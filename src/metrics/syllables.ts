import { onceLoaded } from "./once-loaded.ts";
import type { PatternNode, PatternTrie } from "./tables/hyphenation-patterns.ts";

/** Counts the syllables of an English word in lower case. */
export type SyllableCounter = (word: string) => number;

/**
 * Syllables as textstat counts them: those of CMUdict's first pronunciation, else one more than the
 * points at which the word can be hyphenated.
 *
 * textstat hyphenates by LibreOffice's patterns, this by TeX's, from which those were made: of words
 * that the dictionary lacks, 1 in 60 gets another count.
 */
export const syllableCounter = onceLoaded(async (): Promise<SyllableCounter> => {
  const [{ WORDS_BY_SYLLABLES }, { PATTERNS }] = await Promise.all([
    import("./tables/syllable-counts.ts"),
    import("./tables/hyphenation-patterns.ts"),
  ]);
  const known = new Map<string, number>();
  WORDS_BY_SYLLABLES.forEach((words, count) => {
    for (const word of words.split(" ")) known.set(word, count);
  });
  const [levels, trie] = PATTERNS;
  return (word) => known.get(word) ?? hyphenationPoints(word, levels, trie) + 1;
});

/**
 * At how many places a word may be broken, two letters left on either side.
 *
 * @see Liang (1983), Word hy-phen-a-tion by com-put-er.
 */
function hyphenationPoints(
  word: string,
  levels: readonly (readonly number[])[],
  trie: PatternTrie,
): number {
  const marked = `.${word}.`;
  const highest = new Uint8Array(word.length + 2);
  for (let start = 0; start < marked.length; start += 1) {
    // Levels stand before letters; the mark at the start of the word is none.
    const offset = Math.max(0, start - 1);
    let node: PatternTrie | undefined = trie;
    for (let end = start; node !== undefined && end < marked.length; end += 1) {
      const step: { next?: PatternTrie; levels?: number } = stepOf(node[marked[end] as string]);
      const found = step.levels === undefined ? [] : (levels[step.levels] ?? []);
      for (let index = 0; index < found.length; index += 1) {
        const level = found[index] as number;
        if (level > (highest[offset + index] ?? 0)) highest[offset + index] = level;
      }
      node = step.next;
    }
  }
  let points = 0;
  for (let index = 2; index <= word.length - 2; index += 1) points += (highest[index] ?? 0) & 1;
  return points;
}

function stepOf(node: PatternNode | undefined): { next?: PatternTrie; levels?: number } {
  if (node === undefined) return {};
  if (typeof node === "number") return { levels: node };
  return Array.isArray(node) ? { next: node[0], levels: node[1] } : { next: node as PatternTrie };
}
