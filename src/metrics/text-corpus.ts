import type { CorpusMetrics } from "../core/corpus.ts";
import { referenceTexts, textOf } from "./text-scorer.ts";

/** A measure of many texts that come one after the other. */
export interface TextTotal {
  add(prediction: string, references: readonly string[]): void;
  score(): number;
}

/** A corpus metric over the texts that a text scorer compares; absent where there was none. */
export function textCorpus(key: string, begin: () => TextTotal): CorpusMetrics {
  return {
    keys: [key],
    begin: () => {
      const total = begin();
      let texts = 0;
      return {
        add({ outputs, expectations }) {
          const references = referenceTexts(expectations.expected_response);
          if (references.length === 0) return;
          total.add(textOf(outputs), references);
          texts += 1;
        },
        result: () => ({ metrics: texts === 0 ? {} : { [key]: total.score() } }),
      };
    },
  };
}
