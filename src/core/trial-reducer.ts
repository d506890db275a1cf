import { AssayError } from "./errors.ts";

/**
 * How the trials of a row become one value of the row. `mean` is what every metric does anyhow; the
 * others give a metric of their own, the mean over the rows, e.g. `relevance/v1/pass_at_3`.
 *
 * - `mode`: the most frequent value, of several the worst.
 * - `at_least_<k>`: 1 where k trials or more pass, else 0.
 * - `pass_at_<k>`: the probability that one of k trials passes (Chen et al. 2021).
 * - `pass_hat_<k>`: the probability that all of k trials pass ("pass^k", Yao et al. 2024).
 */
export type TrialReducer =
  | "mean"
  | "median"
  | "mode"
  | "max"
  | "min"
  | `at_least_${number}`
  | `pass_at_${number}`
  | `pass_hat_${number}`;

/** A reducer, read. */
export type Reduction =
  | { readonly kind: "median" | "mode" | "max" | "min"; readonly key: string }
  | {
      readonly kind: "at_least" | "pass_at" | "pass_hat";
      readonly k: number;
      readonly key: string;
    };

/** Under other names elsewhere. */
const SYNONYMS: { readonly [name: string]: string } = {
  majority: "mode",
  "pass@": "pass_at_",
  "pass^": "pass_hat_",
};

/**
 * The reductions that some reducers ask for beside the mean; `pass@3`, `pass^3`, `at-least-2` and
 * `majority` are understood as well.
 *
 * @param trials - Of each row; `k` is at most that.
 * @throws {AssayError} `invalid-argument` for a reducer that there is not, and for more trials than there are.
 */
export function readReducers(
  reducers: TrialReducer | readonly TrialReducer[] | undefined,
  trials: number,
): Reduction[] {
  const read = [reducers ?? []].flat().map((reducer) => readReducer(reducer, trials));
  return read.filter((reduction) => reduction !== undefined);
}

function readReducer(given: string, trials: number): Reduction | undefined {
  const name = Object.entries(SYNONYMS).reduce(
    (text, [synonym, ours]) => text.replace(synonym, ours),
    String(given).trim().toLowerCase().replaceAll(/[- ]/g, "_"),
  );
  if (name === "mean") return undefined;
  // `relevance/v1/max` is the largest score of all, so this one says that it is about trials.
  if (name === "median" || name === "mode" || name === "max" || name === "min") {
    return { kind: name, key: `trials_${name}` };
  }
  const match = /^(at_least|pass_at|pass_hat)_(\d+)$/.exec(name);
  if (match === null) {
    throw new AssayError(
      "invalid-argument",
      `Expected trialReducer to be one of mean, median, mode, max, min, at_least_<k>, pass_at_<k>, pass_hat_<k>; got "${given}"`,
    );
  }
  const k = Number(match[2]);
  if (k < 1) {
    throw new AssayError(
      "invalid-argument",
      `Expected the trialReducer ${given} to count 1 trial or more, e.g. ${match[1]}_1`,
    );
  }
  if (k > trials) {
    throw new AssayError(
      "invalid-argument",
      `The trialReducer ${given} needs ${k} trials of each row or more, and there are ${trials}; set trials (--trials)`,
    );
  }
  return { kind: match[1] as "at_least" | "pass_at" | "pass_hat", k, key: name };
}
