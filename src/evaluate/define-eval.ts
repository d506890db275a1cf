import type { EvaluateOptions } from "./options.ts";

/** Options of `evaluate()` as the default export of an eval file. */
export function defineEval(options: EvaluateOptions): EvaluateOptions;
export function defineEval(options: readonly EvaluateOptions[]): readonly EvaluateOptions[];
export function defineEval(
  options: EvaluateOptions | readonly EvaluateOptions[],
): EvaluateOptions | readonly EvaluateOptions[] {
  return options;
}
