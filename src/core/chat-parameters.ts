import { AssayError } from "./errors.ts";

/** Sampling parameters under one spelling; an adapter translates and sends only what is given. */
export interface ChatParameters {
  readonly temperature?: number;
  readonly topP?: number;
  readonly maxTokens?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
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

/**
 * @param whose - Whose they are, for the message, e.g. `Judge "relevance"`.
 * @throws {AssayError} `invalid-argument` naming the parameter that is unknown, or of the wrong type.
 */
export function checkParameters(whose: string, parameters: unknown): void {
  if (parameters === undefined) return;
  const invalid = (problem: string) => new AssayError("invalid-argument", `${whose}: ${problem}.`);
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

/** `top_p` as `topP`: MLflow's spelling in ours. */
export function camelCase(name: string): string {
  return name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** A value as a message shows it. */
export function shown(value: unknown): string {
  return JSON.stringify(value) ?? typeof value;
}
