import { AssayError } from "../core/index.ts";

interface AzureSettings {
  readonly apiKey: string;
  readonly endpoint: string;
  readonly apiVersion: string;
}

type Environment = { readonly [name: string]: string | undefined };

/** The newest one that was not a preview when this was written. */
const DEFAULT_API_VERSION = "2024-10-21";

/** The SDK's own names first, then MLflow's. */
const NAMES = {
  apiKey: ["AZURE_OPENAI_API_KEY", "AZURE_API_KEY"],
  endpoint: ["AZURE_OPENAI_ENDPOINT", "AZURE_API_BASE"],
  apiVersion: ["OPENAI_API_VERSION", "AZURE_API_VERSION"],
} as const;

/** @throws {AssayError} `configuration` naming the variable that is not set. */
export function azureSettings(env: Environment, uri: string): AzureSettings {
  const find = (names: readonly string[]) => names.map((name) => env[name]?.trim()).find(Boolean);
  const need = (names: readonly [string, string], what: string): string => {
    const value = find(names);
    if (value !== undefined) return value;
    throw new AssayError(
      "configuration",
      `The model ${uri} needs ${what}, and ${names[0]} is not set (nor ${names[1]}); export ${names[0]}=<it>.`,
    );
  };
  return {
    apiKey: need(NAMES.apiKey, "a key"),
    endpoint: need(NAMES.endpoint, "the address of the resource"),
    apiVersion: find(NAMES.apiVersion) ?? DEFAULT_API_VERSION,
  };
}
