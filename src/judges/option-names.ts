import { AssayError, camelCase } from "../core/index.ts";
import type { CommonJudgeOptions } from "./common-options.ts";

/** Every option of a type; the type makes a forgotten one a compile error. */
export type OptionNames<Options> = { readonly [option in keyof Required<Options>]: true };

export const COMMON_OPTIONS: OptionNames<CommonJudgeOptions> = {
  model: true,
  parameters: true,
  aggregations: true,
  metricMetadata: true,
  scoring: true,
  minMass: true,
  samples: true,
  maxWorkers: true,
  extraHeaders: true,
  proxyUrl: true,
};

/**
 * A misspelt option must not pass silently where nothing checks types; MLflow's spelling is answered with ours.
 *
 * @param maker - Whose options they are, e.g. `makeJudge`.
 * @throws {AssayError} `invalid-argument` naming the option that does not exist.
 */
export function checkJudgeOptions(
  maker: string,
  options: object,
  known: { readonly [option: string]: true },
): void {
  if (typeof options !== "object" || options === null) {
    throw new AssayError(
      "invalid-argument",
      `Expected the options of ${maker} to be an object, got ${options === null ? "null" : typeof options}.`,
    );
  }
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return;
  const ours = camelCase(unknown);
  throw new AssayError(
    "invalid-argument",
    Object.hasOwn(known, ours)
      ? `${maker} has no option "${unknown}"; it is spelt ${ours} here.`
      : `${maker} has no option "${unknown}". Options: ${Object.keys(known).join(", ")}.`,
  );
}
