import type { Scorer } from "../core/score.ts";
import { type ChrfOptions, ChrfTotal, sentenceChrf } from "./chrf.ts";
import { textCorpus } from "./text-corpus.ts";
import { bestOf, defineTextScorer } from "./text-scorer.ts";

export interface ChrfScorerOptions extends ChrfOptions {
  /** Also gives `chrf/v1/corpus`: chrF of all rows together, in [0, 1], as papers report it. */
  readonly corpus?: boolean;
}

/** chrF of each output by itself, in [0, 1]. */
export function chrf({ corpus = false, ...options }: ChrfScorerOptions = {}): Scorer {
  const { charOrder = 6, wordOrder = 0, beta = 2 } = options;
  const flags = (["lowercase", "whitespace", "epsSmoothing"] as const).filter(
    (flag) => options[flag] === true,
  );
  const settings = [`char=${charOrder}`, `word=${wordOrder}`, `beta=${beta}`, ...flags];
  return defineTextScorer(
    {
      name: "chrf",
      fingerprint: `chrf/v1:${settings.join(":")}`,
      ...(corpus && { corpus: corpusOf(options) }),
    },
    (prediction, references) =>
      bestOf(references, (reference) => sentenceChrf(prediction, [reference], options) / 100),
  );
}

function corpusOf(options: ChrfOptions) {
  return textCorpus("chrf/v1/corpus", () => {
    const total = new ChrfTotal(options);
    return {
      add: (prediction, references) => total.add(prediction, references),
      score: () => total.score() / 100,
    };
  });
}
