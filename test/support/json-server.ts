import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export interface JsonRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
  /** 0-based position among the requests of this server. */
  readonly index: number;
}

export interface JsonReply {
  readonly status?: number;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: unknown;
  /** Sent as it is instead of `body`. */
  readonly text?: string;
  /** Never answers. */
  readonly silent?: boolean;
}

/** A loopback server that takes JSON and gives JSON. */
export async function startJsonServer(reply: (request: JsonRequest) => JsonReply) {
  const requests: JsonRequest[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const request = {
      path: incoming.url ?? "",
      headers: incoming.headers,
      body: JSON.parse(Buffer.concat(chunks).toString() || "null") as unknown,
      index: requests.length,
    };
    requests.push(request);
    const { status = 200, headers = {}, body, text, silent } = reply(request);
    if (silent) return;
    outgoing.writeHead(status, { "content-type": "application/json", ...headers });
    outgoing.end(text ?? JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
