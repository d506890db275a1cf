import { AssayError, isAssayError, redactText } from "../core/index.ts";
import type { ChatRequest } from "./chat-model.ts";
import type { ReplyHeaders } from "./pacing/reply-limits.ts";

/** What an error message may name: never the request's texts, headers or the key. */
interface CallContext {
  readonly provider: string;
  readonly model: string;
  /** What to check when the key is rejected, e.g. `OPENAI_API_KEY`. */
  readonly keyName: string;
  readonly baseUrl?: string;
  /** Masked wherever the provider echoes it. */
  readonly key?: string;
  readonly request: ChatRequest;
}

/** The part of an SDK's error that both SDKs share. */
export interface ProviderFailure {
  /** Absent when there was no HTTP answer. */
  readonly status?: number;
  /** The provider's own words, as received. */
  readonly message: string;
  readonly param?: string;
  readonly headers?: ReplyHeaders;
  /** The account has nothing left to spend: a 429 that no waiting cures. */
  readonly isOutOfQuota?: true;
  /** An answer came, but it cannot be read. */
  readonly isAnswer?: true;
}

const OUT_OF_QUOTA = /insufficient_quota|billing_hard_limit|credit balance is too low/i;

const TRANSIENT_CLIENT_ERRORS = [408, 409, 429];
const LONGEST_PROVIDER_MESSAGE = 200;

export function readFailure(error: unknown): ProviderFailure {
  const status = member(error, "status");
  const body = member(error, "error");
  const message = saidIn(body) ?? member(error, "message");
  const param = member(error, "param") ?? member(body, "param");
  const headers = headersOf(member(error, "headers"));
  const codes = [member(error, "code"), member(body, "code"), member(body, "type"), message];
  const isSpent = status === 429 && codes.some((code) => OUT_OF_QUOTA.test(String(code)));
  return {
    ...(typeof status === "number" ? { status } : {}),
    message: typeof message === "string" ? message : "",
    ...(typeof param === "string" ? { param } : {}),
    ...(headers === undefined ? {} : { headers }),
    ...(isSpent ? { isOutOfQuota: true } : {}),
    ...(error instanceof SyntaxError || isAssayError(error, "provider") ? { isAnswer: true } : {}),
  };
}

/**
 * Anthropic nests its error one level deeper than OpenAI does; Ollama's and many a scoring server's is a
 * text, under `error` or, with FastAPI, under `detail`.
 */
function saidIn(body: unknown): unknown {
  const nested = member(body, "error");
  const texts = [nested, member(body, "detail"), body];
  return (
    member(nested, "message") ??
    member(body, "message") ??
    texts.find((said) => typeof said === "string")
  );
}

/** Older SDKs hand out a plain object of lower-case names. */
function headersOf(given: unknown): ReplyHeaders | undefined {
  if (typeof given !== "object" || given === null) return undefined;
  if (typeof member(given, "get") === "function") return given as ReplyHeaders;
  return {
    get: (name) => {
      const value = member(given, name);
      return typeof value === "string" ? value : null;
    },
  };
}

/**
 * What the SDK threw, after its own retries, as an AssayError.
 *
 * - 401, 403 and 404 are `configuration`: the key, the model name or the base URL is wrong for every
 *   row, so an evaluation stops instead of paying for the same refusal a thousand times.
 * - A 429 for an account without quota is `configuration` as well.
 * - 408, 409, other 429, 5xx, connections that fail and timeouts are `unavailable`.
 * - Any other status, or an answer that cannot be read, is `provider`.
 * - A call that its caller aborted is `cancelled`; one that its deadline ended is `unavailable`.
 */
export function toAssayError(cause: unknown, context: CallContext): AssayError {
  if (isAssayError(cause)) return cause;
  const { provider, model, request } = context;
  const failed = (code: "configuration" | "unavailable" | "provider", problem: string) =>
    new AssayError(code, `${provider} ${problem}`, { cause });

  if (request.signal?.aborted) {
    return member(request.signal.reason, "name") === "TimeoutError"
      ? failed("unavailable", "did not answer before the deadline.")
      : new AssayError("cancelled", `The call of ${provider} was cancelled.`, { cause });
  }
  const { status, message, isOutOfQuota } = readFailure(cause);
  if (status === undefined) return withoutAnswer(cause, context);
  const said = quote(message, context);
  if (status === 401 || status === 403) {
    // A 401 is never quoted: providers echo the key in it.
    const detail = status === 403 ? said : "";
    return failed(
      "configuration",
      `rejected the key (HTTP ${status}); check ${context.keyName}.${detail}`,
    );
  }
  if (status === 404) {
    return failed(
      "configuration",
      `has no model "${model}" for this key, or the base URL is wrong (HTTP 404); check the model's name.${said}`,
    );
  }
  if (isOutOfQuota) {
    return failed(
      "configuration",
      `has no quota left for the key in ${context.keyName} (HTTP ${status}); check plan and billing.${said}`,
    );
  }
  if (TRANSIENT_CLIENT_ERRORS.includes(status) || status >= 500) {
    return failed("unavailable", `kept answering HTTP ${status}; try again later.${said}`);
  }
  return failed("provider", `refused the call (HTTP ${status}).${said}`);
}

function withoutAnswer(cause: unknown, { provider, baseUrl }: CallContext): AssayError {
  if (cause instanceof SyntaxError) {
    return new AssayError(
      "provider",
      `${provider} answered with something that is not JSON; check the base URL.`,
      { cause },
    );
  }
  const at = baseUrl === undefined ? "" : ` at ${redactText(baseUrl)}`;
  const timedOut = /timed? ?out/i.test(readFailure(cause).message);
  return new AssayError(
    "unavailable",
    timedOut
      ? `${provider}${at} did not answer in time.`
      : `Cannot reach ${provider}${at}, or it broke off its answer.`,
    { cause },
  );
}

/** The provider's message as ` It said: "…"`, or nothing where it quotes the request. */
function quote(message: string, { key, request }: CallContext): string {
  const line = message.replace(/\s+/g, " ").trim();
  if (line === "" || repeats(line, request)) return "";
  const masked = redactText(key ? line.replaceAll(key, "[redacted]") : line);
  const short =
    masked.length > LONGEST_PROVIDER_MESSAGE
      ? `${masked.slice(0, LONGEST_PROVIDER_MESSAGE - 1)}…`
      : masked;
  return ` It said: "${short}"`;
}

/** Whether `line` holds a piece of the conversation: 24 characters in a row, or a short message whole. */
function repeats(line: string, request: ChatRequest): boolean {
  const window = 24;
  return request.messages.some(({ content }) => {
    const text = content.replace(/\s+/g, " ").trim();
    if (text.length <= window) return text.length >= 8 && line.includes(text);
    for (let start = 0; start + window <= line.length; start++) {
      if (text.includes(line.slice(start, start + window))) return true;
    }
    return false;
  });
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
