import type { Scorer } from "../core/score.ts";
import { BytePairEncoder } from "./byte-pair-encoder.ts";
import { notApplicable } from "./not-applicable.ts";
import { defineLoadingScorer, onceLoaded } from "./once-loaded.ts";

/** cl100k_base's own, with `\s` as Rust reads it, and `ſ`, which folds to `s`. */
const CL100K_WORD =
  /'(?:[sSſdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\p{White_Space}\p{L}\p{N}]+[\r\n]*|\p{White_Space}+$|\p{White_Space}*[\r\n]|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}/gu;

const cl100k = onceLoaded(async () => {
  const { CL100K_TOKENS } = await import("./tables/cl100k-ranks.ts");
  return new BytePairEncoder(CL100K_TOKENS, CL100K_WORD);
});

/**
 * Tokens of the output text in OpenAI's `cl100k_base`, exactly as tiktoken counts them; special tokens
 * are read as plain text. Per row only: like MLflow's, it gives no metric of the run.
 */
export function tokenCount(): Scorer {
  return defineLoadingScorer(
    {
      name: "token_count",
      version: "v1",
      aggregations: [],
      source: { kind: "code" },
      isImmediate: true,
      fingerprint: "token_count/v1:cl100k_base",
    },
    cl100k,
    (encoder, { output }) =>
      typeof output === "string"
        ? encoder.count(output)
        : notApplicable("token_count counts the tokens of a text; the output is none"),
  );
}
