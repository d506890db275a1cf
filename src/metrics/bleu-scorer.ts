import type { Scorer } from "../core/score.ts";
import { type BleuOptions, sentenceBleu } from "./bleu.ts";
import { bestOf, defineTextScorer } from "./text-scorer.ts";

/**
 * BLEU of each output by itself, in [0, 1].
 *
 * The default is MLflow's: no smoothing, so that an output that shares no four words in a row with
 * the target scores 0, even three words that are all right. With a smoothing, orders that the
 * output is too short for are left out.
 *
 * @param options - As for `sentenceBleu`, except that smoothing is `none` by default.
 */
export function bleu(options: BleuOptions = {}): Scorer {
  const smoothing = options.smoothing ?? "none";
  const settings = { effectiveOrder: smoothing !== "none", ...options, smoothing };
  return defineTextScorer(
    { name: "bleu", fingerprint: `bleu/v1:${fingerprintOf(settings)}` },
    (prediction, references) =>
      bestOf(
        references,
        (reference) => sentenceBleu(prediction, [reference], settings).score / 100,
      ),
  );
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
