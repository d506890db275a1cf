import tokens from "gpt-tokenizer/bpeRanks/cl100k_base";

/** The tokens of OpenAI's cl100k_base by rank: as text, or as bytes where they are no UTF-8. */
export const CL100K_TOKENS: readonly (string | readonly number[])[] = tokens;
