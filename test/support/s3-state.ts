import { S3Refusal, sha256Of } from "./s3-body.ts";
import type { S3Request } from "./s3-server.ts";

export interface S3Object {
  readonly body: Buffer;
  /** `x-amz-meta-…` and checksum headers, as they are sent with the object. */
  readonly headers: { readonly [name: string]: string };
}

export interface S3Reply {
  readonly status?: number;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: Buffer;
}

interface Upload {
  readonly headers: { readonly [name: string]: string };
  readonly parts: Map<number, Buffer>;
}

/** S3's smallest part, the last excepted. */
const MIN_PART = 5 * 1024 * 1024;

/** What S3 keeps and answers, for the part of its protocol that the store uses. */
export class S3State {
  readonly objects = new Map<string, S3Object>();
  readonly uploads = new Map<string, Upload>();
  readonly #pageSize: number;

  constructor(pageSize: number) {
    this.#pageSize = pageSize;
  }

  /** @throws {S3Refusal} */
  reply(request: S3Request): S3Reply {
    const { method, bucket, key, query } = request;
    if (bucket !== "bucket") throw new S3Refusal(404, "NoSuchBucket");
    const uploadId = query.get("uploadId");
    if (method === "GET" && key === "") return this.#list(query);
    if (method === "GET" || method === "HEAD") return this.#get(request);
    if (method === "POST" && query.has("delete")) return this.#deleteAll(request);
    if (method === "POST" && query.has("uploads")) return this.#begin(request);
    if (method === "POST" && uploadId !== null) return this.#complete(request, uploadId);
    if (method === "PUT" && uploadId !== null) return this.#putPart(request, uploadId);
    if (method === "PUT") return this.#put(request);
    if (method === "DELETE" && uploadId !== null) this.uploads.delete(uploadId);
    else if (method === "DELETE") this.objects.delete(key);
    else throw new S3Refusal(501, "NotImplemented");
    return { status: 204 };
  }

  #put({ key, body, headers }: S3Request): S3Reply {
    this.objects.set(key, { body, headers: metadataOf(headers) });
    return { headers: { etag: '"put"' } };
  }

  #get({ key, headers }: S3Request): S3Reply {
    const object = this.objects.get(key);
    if (object === undefined) throw new S3Refusal(404, "NoSuchKey");
    const { body } = object;
    const isChecked = headers["x-amz-checksum-mode"] === "ENABLED";
    const sent = Object.entries(object.headers).filter(
      ([header]) => isChecked || !header.startsWith("x-amz-checksum"),
    );
    const kept = Object.fromEntries(sent);
    if (headers.range === undefined) return { headers: kept, body };
    const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(headers.range) ?? [];
    const start = first === "" ? Math.max(0, body.length - Number(last)) : Number(first);
    if (start >= body.length) throw new S3Refusal(416, "InvalidRange");
    const end = first === "" || last === "" ? body.length : Math.min(body.length, Number(last) + 1);
    const range = `bytes ${start}-${end - 1}/${body.length}`;
    return {
      status: 206,
      headers: { ...kept, "content-range": range },
      body: body.subarray(start, end),
    };
  }

  #list(query: URLSearchParams): S3Reply {
    const prefix = query.get("prefix") ?? "";
    const delimiter = query.get("delimiter");
    const after = query.get("continuation-token") ?? "";
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix));
    const folderOf = (key: string) => {
      const end = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
      return end < 0 ? key : key.slice(0, end + 1);
    };
    const entries = [...new Set(keys.map(folderOf))].sort((a, b) =>
      Buffer.compare(Buffer.from(a), Buffer.from(b)),
    );
    const rest = entries.filter((entry) => after === "" || entry > after);
    const page = rest.slice(0, this.#pageSize);
    const items = page.map((entry) => {
      const size = this.objects.get(entry)?.body.length;
      return size === undefined
        ? `<CommonPrefixes><Prefix>${escaped(entry)}</Prefix></CommonPrefixes>`
        : `<Contents><Key>${escaped(entry)}</Key><Size>${size}</Size></Contents>`;
    });
    const next =
      rest.length > page.length
        ? `<NextContinuationToken>${escaped(page.at(-1) ?? "")}</NextContinuationToken>`
        : "";
    return xml(`<ListBucketResult>${items.join("")}${next}</ListBucketResult>`);
  }

  #deleteAll({ body }: S3Request): S3Reply {
    const keys = texts(body, "Key");
    if (keys.length > 1000) throw new S3Refusal(400, "MalformedXML");
    const errors = keys.filter((key) => key.endsWith("locked"));
    for (const key of keys) if (!errors.includes(key)) this.objects.delete(key);
    const denied = errors.map(
      (key) => `<Error><Key>${escaped(key)}</Key><Code>AccessDenied</Code></Error>`,
    );
    return xml(`<DeleteResult>${denied.join("")}</DeleteResult>`);
  }

  #begin({ headers }: S3Request): S3Reply {
    const id = `upload-${this.uploads.size}-${Math.random()}`;
    const algorithm = headers["x-amz-checksum-algorithm"];
    if (algorithm !== "SHA256") throw new S3Refusal(400, "InvalidRequest");
    this.uploads.set(id, { headers: metadataOf(headers), parts: new Map() });
    return xml(
      `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
    );
  }

  #putPart({ query, body }: S3Request, uploadId: string): S3Reply {
    this.#upload(uploadId).parts.set(Number(query.get("partNumber")), body);
    return { headers: { etag: '"part"', "x-amz-checksum-sha256": sha256Of(body) } };
  }

  #complete({ key, body }: S3Request, uploadId: string): S3Reply {
    const { headers, parts } = this.#upload(uploadId);
    const numbers = texts(body, "PartNumber").map(Number);
    const bodies = numbers.map((number) => parts.get(number) ?? Buffer.alloc(0));
    const claimed = texts(body, "ChecksumSHA256");
    if (bodies.some((part, index) => sha256Of(part) !== claimed[index])) {
      throw new S3Refusal(400, "InvalidPart");
    }
    if (numbers.some((number, index) => number !== index + 1)) {
      throw new S3Refusal(400, "InvalidPartOrder");
    }
    if (bodies.slice(0, -1).some((part) => part.length < MIN_PART)) {
      throw new S3Refusal(400, "EntityTooSmall");
    }
    const digest = sha256Of(Buffer.concat(claimed.map((text) => Buffer.from(text, "base64"))));
    const checksum = { "x-amz-checksum-sha256": `${digest}-${bodies.length}` };
    this.objects.set(key, { body: Buffer.concat(bodies), headers: { ...headers, ...checksum } });
    this.uploads.delete(uploadId);
    return xml("<CompleteMultipartUploadResult></CompleteMultipartUploadResult>");
  }

  #upload(id: string): Upload {
    const upload = this.uploads.get(id);
    if (upload === undefined) throw new S3Refusal(404, "NoSuchUpload");
    return upload;
  }
}

function metadataOf(headers: S3Request["headers"]): { [name: string]: string } {
  const kept = Object.entries(headers).filter(([name]) =>
    /^x-amz-(meta-.+|checksum-(crc32|sha256))$/.test(name),
  );
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}

function xml(content: string): S3Reply {
  return { body: Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${content}`) };
}

/** The texts of all elements of a name. */
function texts(body: Buffer, element: string): string[] {
  const found = body.toString().matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, "g"));
  return [...found].map(([, text = ""]) =>
    text
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">")
      .replaceAll("&quot;", '"')
      .replaceAll("&amp;", "&"),
  );
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
