import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { decodedBody, S3Refusal } from "./s3-body.ts";
import { type S3Object, type S3Reply, S3State } from "./s3-state.ts";

/** One request, as the SDK sent it. */
export interface S3Request {
  readonly method: string;
  readonly bucket: string;
  /** Empty for a request about the bucket. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  /** Decoded, with its checksums verified. */
  readonly body: Buffer;
}

/** What goes wrong: an error of S3's, or a socket that closes after so many bytes of the answer's body. */
export type S3Fault =
  | { readonly status: number; readonly code: string }
  | { readonly cutAfter: number };

export interface S3ServerOptions {
  /** Asked before each answer, which waits for it. */
  readonly fault?: (request: S3Request) => S3Fault | undefined | Promise<S3Fault | undefined>;
  /** Keys in a page of a list; S3's 1000 by default. */
  readonly pageSize?: number;
}

export interface S3Server {
  /** Endpoint and credentials, as the SDK and the store read them. */
  readonly env: { readonly [name: string]: string };
  /** The objects of its one bucket, `bucket`, by key; tests look into them and damage them. */
  readonly objects: Map<string, S3Object>;
  /** Uploads in parts that are neither complete nor aborted, by id. */
  readonly uploads: ReadonlyMap<string, unknown>;
  readonly requests: readonly S3Request[];
  close(): Promise<void>;
}

const ACCESS_KEY = "access-key-of-the-test";

/** A local server that speaks S3's protocol, path-style, and keeps its objects in memory. */
export async function startS3Server(options: S3ServerOptions = {}): Promise<S3Server> {
  const state = new S3State(options.pageSize ?? 1000);
  const requests: S3Request[] = [];
  const server = createServer((incoming, response) => {
    answer(incoming, response, state, requests, options).catch((error: unknown) => {
      response.writeHead(599).end(`S3 server: ${error}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    env: {
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: ACCESS_KEY,
      AWS_SECRET_ACCESS_KEY: "secret-key-of-the-test",
    },
    objects: state.objects,
    uploads: state.uploads,
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
  state: S3State,
  requests: S3Request[],
  { fault }: S3ServerOptions,
): Promise<void> {
  let reply: S3Reply;
  let cutAfter = Number.POSITIVE_INFINITY;
  try {
    const request = await readRequest(incoming);
    requests.push(request);
    const scripted = await fault?.(request);
    if (scripted && "code" in scripted) throw new S3Refusal(scripted.status, scripted.code);
    cutAfter = scripted?.cutAfter ?? cutAfter;
    reply = state.reply(request);
  } catch (error) {
    if (!(error instanceof S3Refusal)) throw error;
    const body = `<?xml version="1.0"?><Error><Code>${error.code}</Code><Message>refused</Message></Error>`;
    reply = { status: error.status, body: Buffer.from(body) };
  }
  const { status = 200, headers = {}, body = Buffer.alloc(0) } = reply;
  response.writeHead(status, { ...headers, "content-length": body.length });
  if (body.length <= cutAfter) {
    response.end(incoming.method === "HEAD" ? undefined : body);
  } else {
    response.write(body.subarray(0, cutAfter), () => incoming.socket.destroy());
  }
}

async function readRequest(incoming: IncomingMessage): Promise<S3Request> {
  const { pathname, searchParams } = new URL(incoming.url ?? "", "http://s3");
  const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/.exec(pathname) ?? [];
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { headers } = incoming;
  if (!headers.authorization?.includes(`Credential=${ACCESS_KEY}/`)) {
    throw new S3Refusal(403, "InvalidAccessKeyId");
  }
  return {
    method: incoming.method ?? "",
    bucket,
    key: decodeURIComponent(key),
    query: searchParams,
    headers,
    body: decodedBody(headers, Buffer.concat(chunks)),
  };
}
