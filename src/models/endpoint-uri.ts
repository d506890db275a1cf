import { AssayError, redactText } from "../core/index.ts";

/** What a request to an endpoint looks like: the forms of MLflow's scoring server, or a chat completion. */
const PAYLOADS = ["dataframe_split", "dataframe_records", "instances", "inputs", "chat"] as const;

export type Payload = (typeof PAYLOADS)[number];

/** A model behind an HTTP endpoint. */
export interface EndpointUri {
  /** Where requests go, with the query that belongs to the server. */
  readonly url: string;
  /** Without the query, which may hold what somebody mistook for the place of a key. */
  readonly shown: string;
  readonly payload: Payload;
  /** The variable that holds the key; absent for an endpoint that needs none. */
  readonly apiKeyEnv?: string;
  /** The header that takes the key bare; default `Authorization: Bearer <key>`. */
  readonly apiKeyHeader?: string;
  /** Of a chat completion: the model that is asked for. */
  readonly model?: string;
}

const OWN = ["payload", "api_key_env", "api_key_header", "model"];

const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;

/** Whether a model is named by the address of its endpoint. */
export function isEndpointUri(uri: string): boolean {
  return /^(?:endpoints:|https?:\/\/)/i.test(uri.trim());
}

/**
 * Reads `endpoints:/https://…` or the bare address. The parameters `payload`, `api_key_env`,
 * `api_key_header` and `model` are taken out of its query; what is left of it is the server's.
 *
 * @throws {AssayError} `invalid-argument` for what is no address, or one whose payload is not known.
 */
export function parseEndpointUri(uri: string): EndpointUri {
  const url = URL.parse(uri.trim().replace(/^endpoints:\/*/i, ""));
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw invalid(uri, "expected endpoints:/ and an http or https address");
  }
  if (url.username !== "" || url.password !== "") {
    throw invalid(uri, "it must not hold a user or password; name the key with api_key_env=NAME");
  }
  const own = new Map(
    OWN.flatMap((name) => {
      const value = url.searchParams.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
  for (const name of own.keys()) url.searchParams.delete(name);
  url.hash = "";
  const apiKeyEnv = own.get("api_key_env");
  if (apiKeyEnv !== undefined && !/^[A-Za-z_]\w*$/.test(apiKeyEnv)) {
    throw invalid(uri, '"api_key_env" must be the name of an environment variable, not a key');
  }
  const apiKeyHeader = own.get("api_key_header");
  if (apiKeyHeader !== undefined && (!TOKEN.test(apiKeyHeader) || apiKeyEnv === undefined)) {
    throw invalid(uri, '"api_key_header" must be the name of a header, beside api_key_env');
  }
  const model = own.get("model");
  return {
    url: url.href,
    shown: url.origin + url.pathname,
    payload: payloadOf(uri, url.pathname, own.get("payload")),
    ...(apiKeyEnv !== undefined && { apiKeyEnv }),
    ...(apiKeyHeader !== undefined && { apiKeyHeader }),
    ...(model !== undefined && { model }),
  };
}

function payloadOf(uri: string, path: string, given: string | undefined): Payload {
  const payload =
    given ??
    (/\/chat\/completions\/?$/.test(path)
      ? "chat"
      : /\/invocations\/?$/.test(path)
        ? "dataframe_split"
        : undefined);
  const known = PAYLOADS.find((name) => name === payload);
  if (known !== undefined) return known;
  if (given !== undefined) {
    throw invalid(
      uri,
      `"payload" must be one of ${PAYLOADS.join(", ")}, got ${redactText(given).slice(0, 40)}`,
    );
  }
  throw invalid(
    uri,
    `what it takes is not known by its path; add payload=<one of ${PAYLOADS.join(", ")}> to its query`,
  );
}

function invalid(uri: string, problem: string): AssayError {
  const shown = redactText(uri.replace(/\?.*$/s, "?…").replace(/\/\/[^/@]*@/, "//…@"));
  return new AssayError(
    "invalid-argument",
    `Cannot use the endpoint "${shown.slice(0, 120)}": ${problem}.`,
  );
}
