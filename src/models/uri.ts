import { AssayError, redactText } from "../core/index.ts";

/** What a model URI names, before any key or SDK is looked for. */
export type ModelUri =
  | { readonly provider: "openai" | "anthropic" | "azure"; readonly model: string }
  | {
      readonly provider: "openai-compatible";
      readonly model: string;
      /** Up to and including the version segment, e.g. `http://127.0.0.1:11434/v1`. */
      readonly baseUrl: string;
      /** The variable that holds the key; absent for a server that needs none. */
      readonly apiKeyEnv?: string;
    }
  | { readonly provider: "offline"; readonly model: OfflineModelName };

const OFFLINE_MODELS = ["reader", "lexical-judge"] as const;
type OfflineModelName = (typeof OFFLINE_MODELS)[number];

const SUPPORTED = ["openai", "anthropic", "azure", "openai-compatible", "offline"] as const;
const ANNOUNCED = ["gateway", "models", "endpoints"];

/**
 * Reads `<provider>:/<model>`, MLflow's form. Model names may hold slashes and colons.
 *
 * @throws {AssayError} `invalid-argument` for another form, an unknown provider or a wrong parameter.
 */
export function parseModelUri(uri: string): ModelUri {
  const match = /^([a-z][a-z0-9-]*):\/+([^\s?]+)(?:\?(\S*))?$/i.exec(uri.trim());
  if (match === null) {
    throw invalid(uri, 'expected "<provider>:/<model>", for example "openai:/gpt-4o-mini"');
  }
  const [, provider = "", model = "", query = ""] = match;
  if (ANNOUNCED.includes(provider)) {
    throw invalid(uri, `the provider "${provider}" is not supported yet; use ${listed()}`);
  }
  if (provider === "openai-compatible") return compatible(uri, model, new URLSearchParams(query));
  if (query !== "") throw invalid(uri, `"${provider}" takes no parameters`);
  if (provider === "openai" || provider === "anthropic" || provider === "azure") {
    return { provider, model };
  }
  if (provider === "offline") return offline(uri, model);
  throw invalid(uri, `unknown provider "${provider}"; known are ${listed()}`);
}

function offline(uri: string, name: string): ModelUri {
  const model = OFFLINE_MODELS.find((known) => known === name);
  if (model === undefined) {
    throw invalid(
      uri,
      `the offline models are ${OFFLINE_MODELS.map((known) => `offline:/${known}`).join(", ")}`,
    );
  }
  return { provider: "offline", model };
}

function compatible(uri: string, model: string, parameters: URLSearchParams): ModelUri {
  const form = `write openai-compatible:/${model}?base_url=http://host:port/v1&api_key_env=NAME`;
  const unknown = [...parameters.keys()].find(
    (name) => name !== "base_url" && name !== "api_key_env",
  );
  if (unknown !== undefined) throw invalid(uri, `unknown parameter "${unknown}"; ${form}`);
  const baseUrl = parameters.get("base_url") ?? "";
  const url = URL.parse(baseUrl);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw invalid(uri, `"base_url" must be an http or https URL; ${form}`);
  }
  if (url.username !== "" || url.password !== "") {
    throw invalid(uri, `"base_url" must not hold a user or password; ${form}`);
  }
  const apiKeyEnv = parameters.get("api_key_env") ?? undefined;
  if (apiKeyEnv !== undefined && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(apiKeyEnv)) {
    throw invalid(uri, '"api_key_env" must be the name of an environment variable, not a key');
  }
  return {
    provider: "openai-compatible",
    model,
    baseUrl: baseUrl.replace(/\/+$/, ""),
    ...(apiKeyEnv === undefined ? {} : { apiKeyEnv }),
  };
}

function listed(): string {
  return SUPPORTED.map((provider) => `${provider}:/`).join(", ");
}

// Everything after "?" may hold what somebody mistook for the place of a key.
function invalid(uri: string, problem: string): AssayError {
  const shown = redactText(uri.replace(/\?.*$/s, "?…")).slice(0, 80);
  return new AssayError("invalid-argument", `Cannot use the model URI "${shown}": ${problem}.`);
}
