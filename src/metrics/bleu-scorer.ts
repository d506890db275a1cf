import type { Scorer } from "../core/score.ts";
import { type BleuOptions, BleuTotal, sentenceBleu } from "./bleu.ts";
import { BLEU_TOKENIZERS } from "./bleu-tokenizer.ts";
import { checkChoice } from "./check-choice.ts";
import { textCorpus } from "./text-corpus.ts";
import { bestOf, defineTextScorer } from "./text-scorer.ts";

export interface BleuScorerOptions extends BleuOptions {
  /** Also gives `bleu/v1/corpus`: BLEU of all rows together, in [0, 1], as papers report it. */
  readonly corpus?: boolean;
}

/**
 * BLEU of each output by itself, in [0, 1].
 *
 * The default is MLflow's: no smoothing, so that an output that shares no four words in a row with
 * the target scores 0, even three words that are all right. With a smoothing, orders that the
 * output is too short for are left out.
 *
 * @param options - As for `sentenceBleu`, except that smoothing is `none` by default. The corpus is
 *   scored with sacrebleu's own default, `exp`, and without `effectiveOrder`, unless they are given.
 */
export function bleu({ corpus = false, ...options }: BleuScorerOptions = {}): Scorer {
  const smoothing = options.smoothing ?? "none";
  checkChoice("smoothing", smoothing, ["none", "exp", "floor", "add-k"]);
  checkChoice("tokenizer", options.tokenizer ?? "13a", BLEU_TOKENIZERS);
  const settings = { effectiveOrder: smoothing !== "none", ...options, smoothing };
  return defineTextScorer(
    {
      name: "bleu",
      fingerprint: `bleu/v1:${fingerprintOf(settings)}`,
      ...(corpus && { corpus: corpusOf(options) }),
    },
    (prediction, references) =>
      bestOf(
        references,
        (reference) => sentenceBleu(prediction, [reference], settings).score / 100,
      ),
  );
}

function corpusOf(options: BleuOptions) {
  return textCorpus("bleu/v1/corpus", () => {
    const total = new BleuTotal(options);
    return {
      add: (prediction, references) => total.add(prediction, references),
      score: () => total.score().score / 100,
    };
  });
}

function fingerprintOf(options: BleuOptions): string {
  const { tokenizer = "13a", smoothing, smoothValue, maxOrder = 4 } = options;
  return [
    tokenizer,
    smoothValue === undefined ? smoothing : `${smoothing}=${smoothValue}`,
    `order=${maxOrder}`,
    ...(options.effectiveOrder === true ? ["effective"] : []),
    ...(options.lowercase === true ? ["lowercase"] : []),
  ].join(":");
}
