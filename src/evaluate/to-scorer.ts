import { AssayError, defineScorer, type Scorer } from "../core/index.ts";
import type { ScorerLike } from "./options.ts";

/** Where metrics of the evaluation itself stand, beside those of scorers. */
const RESERVED = ["latency", "cost"];

/**
 * A scorer with its name; a plain function is called by the name it has in the code.
 *
 * @throws {AssayError} `invalid-argument` for what is not a scorer, and for a name or scale that
 *   would be found out only when the metrics are computed, after everything was paid for.
 */
export function toScorer(given: ScorerLike, index: number): Scorer {
  if (typeof given !== "function") {
    throw invalid(
      `Expected scorer ${index + 1} to be a function or a metric, got ${given === null ? "null" : typeof given}`,
    );
  }
  if (!isScorer(given) && given.name === "") {
    throw invalid(
      `Scorer ${index + 1} has no name. Use a named function, or defineScorer({ name }, fn).`,
    );
  }
  const scorer = isScorer(given) ? given : defineScorer({ name: given.name }, given);
  const { name, scale } = scorer.scorer;
  if (RESERVED.includes(name)) {
    throw invalid(`A scorer cannot be called ${name}: ${name}/… are metrics of every evaluation`);
  }
  if (scale !== undefined && !(Number.isFinite(scale[1] - scale[0]) && scale[0] < scale[1])) {
    throw invalid(`Expected the scale of ${name} to be [low, high], got [${scale.join(", ")}]`);
  }
  return scorer;
}

function isScorer(given: ScorerLike): given is Scorer {
  return "scorer" in given;
}

function invalid(message: string): AssayError {
  return new AssayError("invalid-argument", message);
}
