import { unicodeTokens } from "./text-tokenizer.ts";

export const BLEU_TOKENIZERS = ["13a", "intl", "char", "none", "unicode"] as const;

export type BleuTokenizer = (typeof BLEU_TOKENIZERS)[number];

/**
 * sacrebleu's tokenizers, and `unicode`; all keep case. `none` splits on white space, `char` takes every
 * character. `unicode` takes the words of all scripts, each character of scripts written without spaces
 * and each punctuation mark or symbol as a token.
 */
export function bleuTokens(text: string, tokenizer: BleuTokenizer): string[] {
  switch (tokenizer) {
    case "13a":
      return words(mteval13a(text));
    case "intl":
      return words(mteval14International(text));
    case "char":
      return text.match(/\S/gu) ?? [];
    case "none":
      return words(text);
    case "unicode":
      return unicodeTokens(text);
  }
}

function words(text: string): string[] {
  return text.match(/\S+/g) ?? [];
}

/** The tokenization of NIST's mteval-v13a.pl: ASCII punctuation apart, except inside numbers. */
function mteval13a(text: string): string {
  const plain = text.replaceAll("<skipped>", "").replaceAll("-\n", "").replaceAll("\n", " ");
  // Padded, so that punctuation at either end has a neighbour to be told from.
  return ` ${unescapeEntities(plain)} `
    .replace(/[!-&(-+/:-@[-`{-~]/g, " $& ")
    .replace(/([^0-9])([.,])/g, "$1 $2 ")
    .replace(/([.,])([^0-9])/g, " $1 $2")
    .replace(/([0-9])(-)/g, "$1 $2 ");
}

function unescapeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">");
}

/** The international tokenization of mteval-v14.pl: punctuation and symbols of all scripts apart. */
function mteval14International(text: string): string {
  // sacrebleu takes white space off the end, which is otherwise what a punctuation mark there is told from.
  return text
    .trimEnd()
    .replace(/(\P{N})(\p{P})/gu, "$1 $2 ")
    .replace(/(\p{P})(\P{N})/gu, " $1 $2")
    .replace(/\p{S}/gu, " $& ");
}
