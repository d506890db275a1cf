import { AssayError, rememberSecret } from "../core/index.ts";

/** How requests leave, beside key and base URL. */
export interface ConnectionSettings {
  /** Sent with every request, e.g. what a gateway asks for. */
  readonly headers?: { readonly [name: string]: string };
  /** The full address that requests are posted to instead of the provider's, as MLflow's `proxy_url`. */
  readonly proxyUrl?: string;
}

/** Headers that say who or what is asked for; the values of all others are masked wherever they turn up. */
const HARMLESS = /^(?:accept|content|user-agent|x-request|traceparent|anthropic-(?:beta|version))/i;

/**
 * What the SDKs' clients take for these settings.
 *
 * @throws {AssayError} `invalid-argument` for an address that is none.
 */
export function clientOptions({ headers, proxyUrl }: ConnectionSettings): {
  readonly defaultHeaders?: { readonly [name: string]: string };
  readonly fetch?: typeof fetch;
} {
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (!HARMLESS.test(name)) rememberSecret(value.replace(/^bearer /i, ""));
  }
  const url = proxyUrl === undefined ? undefined : URL.parse(proxyUrl);
  if (url === null || (url !== undefined && !/^https?:$/.test(url.protocol))) {
    throw new AssayError(
      "invalid-argument",
      "Expected `proxyUrl` to be the http or https address that requests are posted to.",
    );
  }
  return {
    ...(headers !== undefined && { defaultHeaders: headers }),
    // Redirects are not followed: the key would go along.
    ...(url && {
      fetch: (_: unknown, init?: RequestInit) => fetch(url, { ...init, redirect: "manual" }),
    }),
  };
}
