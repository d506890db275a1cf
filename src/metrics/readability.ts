import type { SyllableCounter } from "./syllables.ts";

// Python's `\w` and `\s`, which textstat's patterns are written with.
const WORD = String.raw`\p{L}\p{N}_`;
const SPACE = String.raw`[\s\x1c-\x1f\x85]--\ufeff`;

const NO_SPACES = new RegExp(`[^${SPACE}]+`, "gv");
const PUNCTUATION = new RegExp(`[^${WORD}[${SPACE}]']`, "gv");
const SENTENCE = new RegExp(`[${WORD}][^.!?]*[.!?]*`, "gv");
/** Not the one of "don't", "she'll" and "we're". */
const QUOTATION_MARK = /'(?![tsd]|ve|ll|re)/g;

/**
 * Automated Readability Index, the years of schooling that a text asks for.
 *
 * @returns 0 for a text without characters.
 * @see textstat 0.7.11, whose counts of characters, words and sentences these are.
 */
export function ariGradeLevel(text: string): number {
  const tokens = text.match(NO_SPACES) ?? [];
  const words = readableWords(text).length;
  if (tokens.length === 0 || words === 0) return 0;
  const characters = tokens.reduce((sum, token) => sum + codePoints(token), 0);
  return 4.71 * (characters / tokens.length) + 0.5 * (words / countSentences(text)) - 21.43;
}

/**
 * Flesch-Kincaid grade level, the years of schooling that an English text asks for.
 *
 * @returns 0 for a text without words or syllables.
 * @see textstat 0.7.11, whose counts of words, sentences and syllables these are.
 */
export function fleschKincaidGradeLevel(text: string, syllablesOf: SyllableCounter): number {
  const words = readableWords(text);
  const syllables = words.reduce((sum, word) => sum + syllablesOf(word.toLowerCase()), 0);
  if (words.length === 0 || syllables === 0) return 0;
  return 0.39 * (words.length / countSentences(text)) + 11.8 * (syllables / words.length) - 15.59;
}

/** Words without punctuation; apostrophes of contractions stay. */
function readableWords(text: string): string[] {
  return text.replace(QUOTATION_MARK, "").replace(PUNCTUATION, "").match(NO_SPACES) ?? [];
}

/** Sentences of more than two words, at least 1. */
function countSentences(text: string): number {
  let count = 0;
  for (const sentence of text.match(SENTENCE) ?? []) {
    if (readableWords(sentence).length > 2) count += 1;
  }
  return Math.max(1, count);
}

function codePoints(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}
