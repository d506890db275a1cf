import { AssayError } from "../core/index.ts";
import type { ChatParameters } from "../models/index.ts";
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

interface Rule {
  readonly isValid: (value: unknown) => boolean;
  readonly expected: string;
}

const isNumber = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value);

const PARAMETERS: { readonly [name in keyof Required<ChatParameters>]: Rule } = {
  temperature: { isValid: (value) => isNumber(value) && value >= 0, expected: "a number from 0" },
  topP: {
    isValid: (value) => isNumber(value) && value >= 0 && value <= 1,
    expected: "a number from 0 to 1",
  },
  maxTokens: {
    isValid: (value) => Number.isInteger(value) && Number(value) >= 1,
    expected: "a whole number from 1",
  },
  seed: { isValid: Number.isInteger, expected: "a whole number" },
  stop: {
    isValid: (value) => Array.isArray(value) && value.every((one) => typeof one === "string"),
    expected: "a list of texts",
  },
};

/** @throws {AssayError} `invalid-argument` naming the parameter that is unknown, or of the wrong type. */
export function checkParameters(judge: string, parameters: unknown): void {
  if (parameters === undefined) return;
  const invalid = (problem: string) =>
    new AssayError("invalid-argument", `Judge "${judge}": ${problem}.`);
  if (typeof parameters !== "object" || parameters === null || Array.isArray(parameters)) {
    throw invalid(
      "expected `parameters` to be an object such as { temperature: 0, maxTokens: 500 }",
    );
  }
  for (const [name, value] of Object.entries(parameters)) {
    if (!Object.hasOwn(PARAMETERS, name)) {
      const ours = camelCase(name);
      const known = Object.hasOwn(PARAMETERS, ours)
        ? `; it is spelt ${ours} here`
        : `; there are ${Object.keys(PARAMETERS).join(", ")}`;
      throw invalid(`unknown parameter "${name}"${known}`);
    }
    const { isValid, expected } = PARAMETERS[name as keyof ChatParameters];
    if (value !== undefined && !isValid(value)) {
      throw invalid(`expected \`parameters.${name}\` to be ${expected}, got ${shown(value)}`);
    }
  }
}

function camelCase(name: string): string {
  return name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

export function shown(value: unknown): string {
  return JSON.stringify(value) ?? typeof value;
}
