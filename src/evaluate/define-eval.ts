import type { MatrixOptions } from "./matrix-options.ts";
import type { EvaluateOptions } from "./options.ts";

type Options = EvaluateOptions | MatrixOptions;

/** Options of `evaluate()` as the default export of an eval file. */
export function defineEval(options: EvaluateOptions): EvaluateOptions;
export function defineEval(options: MatrixOptions): MatrixOptions;
export function defineEval(options: readonly Options[]): readonly Options[];
export function defineEval(options: Options | readonly Options[]): Options | readonly Options[] {
  return options;
}
