// Python's \b knows letters of every script, JavaScript's does not.
const ARTICLE = /(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu;
const PUNCTUATION = /[!-/:-@[-`{-~]/g;

/**
 * SQuAD's normal form of an answer: lower case, without ASCII punctuation and English articles,
 * words separated by single spaces. "The Eiffel Tower." becomes "eiffel tower".
 *
 * @see `normalize_answer` of the official SQuAD v2.0 evaluation script.
 */
export function normalizeSquadAnswer(text: string): string {
  return squadTokens(text).join(" ");
}

/** The words of {@link normalizeSquadAnswer}. */
export function squadTokens(text: string): string[] {
  return text.toLowerCase().replace(PUNCTUATION, "").replace(ARTICLE, " ").match(/\S+/g) ?? [];
}
