/** Characters per token of ordinary English. */
export const CHARACTERS_PER_TOKEN = 4;

/** What an answer is taken to use where no limit is given. */
export const ANSWER_TOKENS = 256;

/** Tokens of a text, roughly: for plans and budgets, never for what was used. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}
