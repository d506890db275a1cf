import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";

/** What a provider answered, once. */
export interface Exchange {
  readonly id: string;
  readonly tags?: readonly string[];
  readonly endpoint: string;
  readonly provider?: string;
  readonly request: { readonly path: string; readonly body: { readonly [name: string]: unknown } };
  readonly response: {
    readonly status: number;
    readonly headers?: { readonly [name: string]: string };
    readonly body: string;
  };
}

export interface Fault {
  /** Cuts the connection after so many events of a stream. */
  readonly cutAfter?: number;
  /** Stops sending after so many events, and waits for the client to close. */
  readonly stallAfter?: number;
}

export interface ReplayServer {
  readonly port: number;
  /** The base URL under which `exchange` is answered. */
  serve(exchange: Exchange, fault?: Fault): string;
  /** Requests that came for an exchange since it was served last, and events that were sent. */
  seen(id: string): {
    readonly requests: number;
    readonly events: number;
    readonly closed: boolean;
  };
  /** Resolves when a client has closed the connection of an exchange, or its answer was sent. */
  whenOver(id: string): Promise<void>;
  close(): Promise<void>;
}

interface Served {
  readonly exchange: Exchange;
  readonly fault: Fault;
  requests: number;
  events: number;
  closed: boolean;
  readonly over: PromiseWithResolvers<void>;
}

/** Answers `/r/<id>/…` as recorded, streams event by event. */
export async function startReplayServer(): Promise<ReplayServer> {
  const served = new Map<string, Served>();
  const server = createServer((request, response) => {
    const [, , id = ""] = (request.url ?? "").split("/");
    const entry = served.get(id);
    if (entry === undefined) {
      response.writeHead(404).end();
      return;
    }
    void answer(entry, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    serve: (exchange, fault = {}) => {
      const over = Promise.withResolvers<void>();
      served.set(exchange.id, { exchange, fault, requests: 0, events: 0, closed: false, over });
      return `http://127.0.0.1:${port}/r/${exchange.id}`;
    },
    seen: (id) => {
      const { requests = 0, events = 0, closed = false } = served.get(id) ?? {};
      return { requests, events, closed };
    },
    whenOver: async (id) => served.get(id)?.over.promise,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function answer(
  entry: Served,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { exchange, fault, over } = entry;
  entry.requests += 1;
  response.on("close", () => {
    if (!response.writableFinished) entry.closed = true;
    over.resolve();
  });
  for await (const _chunk of request) entry.closed = false;
  const { status, body, headers = {} } = exchange.response;
  const isStream = exchange.tags?.includes("stream") === true && status === 200;
  const type = isStream ? "text/event-stream" : (headers["content-type"] ?? "application/json");
  const retryAfter = headers["retry-after"];
  response.writeHead(status, {
    "content-type": type,
    ...(retryAfter && { "retry-after": retryAfter }),
  });
  if (!isStream) {
    response.end(body);
    return;
  }
  // Some were recorded with CRLF.
  for (const event of body.split(/\r?\n\r?\n/).filter((part) => part.trim() !== "")) {
    if (response.destroyed) return;
    if (entry.events === fault.cutAfter) {
      response.socket?.destroy();
      return;
    }
    if (entry.events === fault.stallAfter) return;
    entry.events += 1;
    response.write(`${event}\n\n`);
    await nextTurn();
  }
  response.end();
}
