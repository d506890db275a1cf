import type { Scorer } from "../core/score.ts";
import { type ChrfOptions, sentenceChrf } from "./chrf.ts";
import { bestOf, defineTextScorer } from "./text-scorer.ts";

/** chrF of each output by itself, in [0, 1]. */
export function chrf(options: ChrfOptions = {}): Scorer {
  const { charOrder = 6, wordOrder = 0, beta = 2 } = options;
  const flags = (["lowercase", "whitespace", "epsSmoothing"] as const).filter(
    (flag) => options[flag] === true,
  );
  const settings = [`char=${charOrder}`, `word=${wordOrder}`, `beta=${beta}`, ...flags];
  return defineTextScorer(
    { name: "chrf", fingerprint: `chrf/v1:${settings.join(":")}` },
    (prediction, references) =>
      bestOf(references, (reference) => sentenceChrf(prediction, [reference], options) / 100),
  );
}
