import type { ReplyHeaders } from "./pacing/reply-limits.ts";

export interface Post {
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: unknown;
  readonly signal: AbortSignal | undefined;
  /** Of the whole exchange, in milliseconds. */
  readonly timeoutMs: number;
}

/** An answer that is a refusal, in the shape that the SDKs throw, so that it is read as theirs are. */
class HttpRefusal extends Error {
  override readonly name = "HttpRefusal";
  readonly status: number;
  readonly headers: ReplyHeaders;
  /** The body, where it is JSON. */
  readonly error: unknown;

  constructor(status: number, headers: ReplyHeaders, error: unknown) {
    // Nothing of the body: it may quote the request.
    super(`HTTP ${status}`);
    this.status = status;
    this.headers = headers;
    this.error = error;
  }
}

/**
 * Posts JSON and reads JSON, once. Redirects are not followed: the key would go along.
 *
 * @throws {HttpRefusal} for another status than 2xx; a `SyntaxError` for an answer that is not JSON;
 *   whatever `fetch` throws.
 */
export async function postJson(post: Post): Promise<{ reply: unknown; headers: ReplyHeaders }> {
  const { url, headers, body, signal, timeoutMs } = post;
  const timeout = AbortSignal.timeout(timeoutMs);
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json", ...headers },
    body: JSON.stringify(body),
    redirect: "manual",
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
  });
  const text = await response.text();
  if (!response.ok) throw new HttpRefusal(response.status, response.headers, parsed(text));
  return { reply: JSON.parse(text) as unknown, headers: response.headers };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Proxies answer in HTML, of which the status says enough.
    return undefined;
  }
}
