import { overlapF1 } from "../core/overlap-f1.ts";
import type { Scorer } from "../core/score.ts";
import { checkChoice } from "./check-choice.ts";
import { squadTokens } from "./squad-normalization.ts";
import { bestOf, defineTextScorer } from "./text-scorer.ts";
import { segmentedWords, unicodeWords } from "./text-tokenizer.ts";

export interface TokenF1Options {
  /**
   * Default `squad`: words between white space, without ASCII punctuation and English articles.
   * `unicode` takes the letters of all scripts, and each character of scripts written without spaces
   * as a word; `segmenter` finds words in those with the dictionaries of this Node.js.
   */
  readonly tokenizer?: "squad" | "unicode" | "segmenter";
  /** Language that `segmenter` expects, BCP 47; default `en`. */
  readonly locale?: string;
}

/** SQuAD's F1: words shared by the normalised output and the best fitting reference. */
export function tokenF1({ tokenizer = "squad", locale = "en" }: TokenF1Options = {}): Scorer {
  checkChoice("tokenizer", tokenizer, ["squad", "unicode", "segmenter"]);
  const tokens = {
    squad: squadTokens,
    unicode: unicodeWords,
    segmenter: (text: string) => segmentedWords(text, locale),
  }[tokenizer];
  const suffix = { squad: "", unicode: ":unicode", segmenter: `:segmenter=${locale}` }[tokenizer];
  return defineTextScorer(
    { name: "token_f1", fingerprint: `token_f1/v1${suffix}` },
    (prediction, references) => {
      const predicted = tokens(prediction);
      return bestOf(references, (reference) => overlapF1(predicted, tokens(reference)));
    },
  );
}
