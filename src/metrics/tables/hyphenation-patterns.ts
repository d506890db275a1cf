import patterns from "hyphen/patterns/en-us.js";

/** A trie of letters. A leaf is the number of its levels; a pattern inside others stands beside them. */
export type PatternNode = number | PatternTrie | readonly [PatternTrie, number];

export interface PatternTrie {
  readonly [letter: string]: PatternNode;
}

/** Liang's patterns for American English: lists of levels, and the trie of patterns that name them. */
export const PATTERNS = patterns as readonly [
  levels: readonly (readonly number[])[],
  trie: PatternTrie,
];
