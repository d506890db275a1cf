import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One request to the server, as the SDK sent it. */
export interface ProviderRequest {
  readonly protocol: "openai" | "anthropic";
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  /** The JSON body. */
  readonly body: { readonly [name: string]: unknown };
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  /** The content of all messages, Anthropic's system text first. */
  readonly text: string;
  /** 0-based position among the requests of this server. */
  readonly index: number;
}

/** What to answer. Without `status` a 200; with `error` or a status of 400 and up, the provider's error body. */
export interface ProviderReply {
  readonly text?: string;
  readonly usage?: {
    readonly inputTokens: number;
    readonly outputTokens: number;
    /** Anthropic's cached tokens, reported beside the input tokens. */
    readonly cacheReadTokens?: number;
    readonly cacheWriteTokens?: number;
  };
  readonly status?: number;
  readonly headers?: { readonly [name: string]: string };
  readonly error?: {
    readonly message: string;
    readonly type?: string;
    readonly param?: string;
    readonly code?: string;
  };
  readonly refusal?: string;
  readonly finishReason?: string;
  /** The model that claims to have answered; default: the requested one. */
  readonly model?: string;
  /**
   * A recorded choice as OpenAI gives it (`message`, `logprobs`, `finish_reason`), instead of text, refusal
   * and finish reason; Anthropic's protocol sends the text of its message.
   */
  readonly choice?: ProviderChoice;
  /** Sent as it is, instead of everything above but status and headers. */
  readonly rawBody?: string;
  /** `before` closes the socket without an answer, `during` in the middle of the body. */
  readonly hangUp?: "before" | "during";
  /** Never answers; the socket stays open until the client or `close()` ends it. */
  readonly silent?: boolean;
}

/** A choice of a chat completion, as recorded. */
export interface ProviderChoice {
  readonly message: { readonly content?: string | null; readonly refusal?: string | null };
  readonly finish_reason?: string | null;
  readonly logprobs?: unknown;
}

export interface ProviderServerOptions {
  readonly reply: (request: ProviderRequest) => ProviderReply | Promise<ProviderReply>;
}

export interface ProviderServer {
  /** `http://127.0.0.1:<port>`: Anthropic's base URL; OpenAI's is this and `/v1`. */
  readonly url: string;
  /** Keys and base URLs of both providers, as the SDKs and `resolveModel` read them. */
  readonly env: { readonly [name: string]: string };
  readonly requests: readonly ProviderRequest[];
  close(): Promise<void>;
}

/**
 * A local server for tests that speaks OpenAI's chat completions and Anthropic's messages (not streamed),
 * with their error bodies, and breaks as providers do: refusals, silence, connections cut off. Requests to
 * `/moderations` reach `reply` as well; answer them with `rawBody`.
 */
export async function startProviderServer(options: ProviderServerOptions): Promise<ProviderServer> {
  const requests: ProviderRequest[] = [];
  const server = createServer((incoming, response) => {
    answer(incoming, response, requests, options).catch((error: unknown) => {
      response.writeHead(599, { "content-type": "text/plain" }).end(`provider server: ${error}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    env: {
      OPENAI_API_KEY: "key-of-the-openai-test",
      OPENAI_BASE_URL: `${url}/v1`,
      ANTHROPIC_API_KEY: "key-of-the-anthropic-test",
      ANTHROPIC_BASE_URL: url,
    },
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  incoming: IncomingMessage,
  response: ServerResponse,
  requests: ProviderRequest[],
  { reply }: ProviderServerOptions,
): Promise<void> {
  const request = await readRequest(incoming, requests.length);
  if (request === undefined) {
    response
      .writeHead(404, { "content-type": "application/json" })
      .end('{"error":{"message":"no such route"}}');
    return;
  }
  requests.push(request);
  const scripted = await reply(request);
  if (scripted.silent) return;
  if (scripted.hangUp === "before") {
    incoming.socket.destroy();
    return;
  }
  const body = scripted.rawBody ?? JSON.stringify(bodyOf(request, scripted));
  const status = scripted.status ?? (scripted.error === undefined ? 200 : 400);
  response.writeHead(status, { "content-type": "application/json", ...scripted.headers });
  if (scripted.hangUp === "during") {
    response.write(body.slice(0, body.length / 2), () => incoming.socket.destroy());
    return;
  }
  response.end(body);
}

async function readRequest(
  incoming: IncomingMessage,
  index: number,
): Promise<ProviderRequest | undefined> {
  const path = incoming.url ?? "";
  const protocol = protocolOf(path);
  if (protocol === undefined) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString("utf8")) as ProviderRequest["body"];
  const given = (body.messages ?? []) as { role: string; content: unknown }[];
  const messages = given.map(({ role, content }) => ({ role, content: contentText(content) }));
  const system = body.system === undefined ? [] : [contentText(body.system)];
  return {
    protocol,
    path,
    headers: incoming.headers,
    body,
    model: String(body.model),
    messages,
    text: [...system, ...messages.map(({ content }) => content)].join("\n\n"),
    index,
  };
}

function protocolOf(path: string): ProviderRequest["protocol"] | undefined {
  const { pathname } = new URL(path, "http://localhost");
  if (pathname.endsWith("/messages")) return "anthropic";
  return /\/(?:chat\/completions|moderations)$/.test(pathname) ? "openai" : undefined;
}

function contentText(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part: { text?: string }) => part.text ?? "").join("");
}

function bodyOf(request: ProviderRequest, reply: ProviderReply): unknown {
  const { protocol } = request;
  if (reply.error !== undefined || (reply.status ?? 200) >= 400) {
    const error = { message: "scripted failure", type: "scripted_error", ...reply.error };
    return protocol === "openai" ? { error } : { type: "error", error };
  }
  return protocol === "openai" ? completion(request, reply) : message(request, reply);
}

function completion(request: ProviderRequest, reply: ProviderReply): unknown {
  const { usage } = reply;
  return {
    id: `chatcmpl-${request.index}`,
    object: "chat.completion",
    created: 0,
    model: reply.model ?? request.model,
    choices: [
      reply.choice ?? {
        index: 0,
        finish_reason: reply.finishReason ?? "stop",
        message: {
          role: "assistant",
          content: reply.refusal === undefined ? (reply.text ?? "") : null,
          refusal: reply.refusal ?? null,
        },
      },
    ],
    ...(usage === undefined
      ? {}
      : {
          usage: {
            prompt_tokens: usage.inputTokens,
            completion_tokens: usage.outputTokens,
            total_tokens: usage.inputTokens + usage.outputTokens,
          },
        }),
  };
}

function message(request: ProviderRequest, reply: ProviderReply): unknown {
  const { usage, refusal } = reply;
  const forced = request.body.tool_choice as { name?: string } | undefined;
  const text = reply.text ?? reply.choice?.message.content ?? "";
  const content =
    forced?.name === undefined
      ? [{ type: "text", text }]
      : [
          {
            type: "tool_use",
            id: "toolu_0",
            name: forced.name,
            input: JSON.parse(text) as unknown,
          },
        ];
  return {
    id: `msg_${request.index}`,
    type: "message",
    role: "assistant",
    model: reply.model ?? request.model,
    content: refusal === undefined ? content : [],
    stop_reason: refusal === undefined ? (reply.finishReason ?? "end_turn") : "refusal",
    ...(refusal === undefined ? {} : { stop_details: { type: "refusal", explanation: refusal } }),
    ...(usage === undefined
      ? {}
      : {
          usage: {
            input_tokens: usage.inputTokens,
            output_tokens: usage.outputTokens,
            cache_read_input_tokens: usage.cacheReadTokens ?? 0,
            cache_creation_input_tokens: usage.cacheWriteTokens ?? 0,
          },
        }),
  };
}
