import { Readable } from "node:stream";
import { inspect } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { S3ArtifactStore } from "../../../src/store/artifacts/index.ts";
import { connectS3 } from "../../../src/store/artifacts/s3-client.ts";
import { s3Bucket } from "./s3-bucket.ts";

const MB = 1024 * 1024;
const KEY = "prefix/run/a.bin";

/** So many bytes in chunks of 1 MiB; `pulled` is told how many chunks were asked for so far. */
async function* chunks(size: number, pulled?: (count: number) => void): AsyncGenerator<Uint8Array> {
  for (let count = 1; count * MB <= size; count++) {
    pulled?.(count);
    yield Buffer.alloc(MB, `${count} `);
  }
}

describe("uploads", () => {
  test("up to 8 MiB are sent at once, more in parts", async () => {
    const { server, artifacts, uri } = await s3Bucket();
    await artifacts.write(uri, "a.bin", chunks(8 * MB));
    expect(server.requests.map(({ method }) => method)).toEqual(["PUT"]);
    await artifacts.write(uri, "a.bin", chunks(20 * MB));
    const sizes = server.requests.slice(1).map(({ method, body }) => [method, body.length]);
    expect(sizes.filter(([method]) => method === "PUT").map(([, size]) => size)).toEqual(
      expect.arrayContaining([8 * MB, 8 * MB, 4 * MB]),
    );
    expect(sizes).toHaveLength(5);
    expect(server.uploads.size).toBe(0);
    expect(await artifacts.list(uri)).toEqual([{ path: "a.bin", size: 20 * MB }]);
  });

  test.each([
    ["refused at once", "PUT", 1],
    ["refused when it begins", "POST", 20],
  ])("a source is destroyed when its upload is %s", async (_when, method, megabytes) => {
    const { artifacts, uri } = await s3Bucket({
      fault: (request) =>
        request.method === method ? { status: 403, code: "AccessDenied" } : undefined,
    });
    const source = Readable.from(chunks(megabytes * MB));
    await expect(artifacts.write(uri, "a.bin", source)).rejects.toThrow(/access is denied/);
    expect(source.destroyed).toBe(true);
  });

  test("a source is destroyed when there is no connection", async () => {
    const source = Readable.from(chunks(MB));
    const artifacts = new S3ArtifactStore({ AWS_ENDPOINT_URL: "nonsense" });
    await expect(artifacts.write("s3://bucket/a", "a.bin", source)).rejects.toThrow();
    expect(source.destroyed).toBe(true);
  });

  test("a source is read no further ahead than four parts", async () => {
    let pulled = 0;
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let arrived = 0;
    let arrivedAll: () => void = () => undefined;
    const full = new Promise<void>((resolve) => {
      arrivedAll = resolve;
    });
    const { artifacts, uri } = await s3Bucket({
      fault: async ({ query }) => {
        if (!query.has("partNumber")) return undefined;
        if (++arrived === 4) arrivedAll();
        await held;
        return undefined;
      },
    });
    const write = artifacts.write(
      uri,
      "a.bin",
      chunks(64 * MB, (count) => {
        pulled = count;
      }),
    );
    await full;
    // Four parts of eight chunks, and the one that showed that the fourth is not the last.
    expect(pulled).toBe(33);
    release();
    expect((await write).size).toBe(64 * MB);
  });

  test("a part that fails for good aborts the upload, the old object stays", async () => {
    const { server, artifacts, uri } = await s3Bucket({
      fault: ({ query }) =>
        query.get("partNumber") === "2" ? { status: 403, code: "AccessDenied" } : undefined,
    });
    await artifacts.write(uri, "a.bin", "old");
    const write = artifacts.write(uri, "a.bin", chunks(40 * MB));
    await expect(write).rejects.toMatchObject({ code: "configuration" });
    expect(server.uploads.size).toBe(0);
    expect(server.objects.get(KEY)?.body.toString()).toBe("old");
    expect(server.requests.at(-1)).toMatchObject({ method: "DELETE", key: KEY });
  });

  test("a failure of the server is tried again", async () => {
    let failures = 1;
    const { artifacts, uri } = await s3Bucket({
      fault: ({ method }) =>
        method === "PUT" && failures-- > 0 ? { status: 500, code: "InternalError" } : undefined,
    });
    await artifacts.write(uri, "a.txt", "x");
    expect(await artifacts.list(uri)).toEqual([{ path: "a.txt", size: 1 }]);
  });

  test("a stream that fails aborts the upload", async () => {
    const { server, artifacts, uri } = await s3Bucket();
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield* chunks(17 * MB);
      throw new Error("the source broke");
    }
    const write = artifacts.write(uri, "a.bin", failing());
    await expect(write).rejects.toMatchObject({ code: "unavailable" });
    expect(server.uploads.size).toBe(0);
    expect(server.objects.size).toBe(0);
  });
});

describe("damage", () => {
  test.each([
    ["sent at once", 2 * MB],
    ["sent in parts", 18 * MB],
  ])("of an object %s is an error", async (_, size) => {
    const { server, artifacts, uri } = await s3Bucket();
    await artifacts.write(uri, "a.bin", chunks(size));
    expect((await artifacts.read(uri, "a.bin")).length).toBe(size);
    const object = server.objects.get(KEY);
    if (object === undefined) throw new Error("Expected an object");
    object.body[size - 1] = (object.body[size - 1] ?? 0) ^ 1;
    const damaged = { code: "conflict", message: expect.stringContaining("damaged") };
    await expect(artifacts.read(uri, "a.bin")).rejects.toMatchObject(damaged);
    const { content } = await artifacts.stream(uri, "a.bin");
    await expect(content.toArray()).rejects.toMatchObject(damaged);
  });

  test("is found by Assay's own checksum where the server keeps none", async () => {
    const { server, artifacts, uri } = await s3Bucket();
    await artifacts.write(uri, "a.bin", "hello");
    const headers = server.objects.get(KEY)?.headers ?? {};
    const metadata = Object.entries(headers).filter(([name]) => name.startsWith("x-amz-meta"));
    const stored = { body: Buffer.from("hallo"), headers: Object.fromEntries(metadata) };
    server.objects.set(KEY, stored);
    await expect(artifacts.read(uri, "a.bin")).rejects.toMatchObject({ code: "conflict" });
    server.objects.set(KEY, { ...stored, headers: {} });
    expect(Buffer.from(await artifacts.read(uri, "a.bin")).toString()).toBe("hallo");
  });

  test("an answer that ends early is not taken for the file", async () => {
    const { artifacts, uri } = await s3Bucket({
      fault: ({ method, key }) => (method === "GET" && key ? { cutAfter: MB } : undefined),
    });
    await artifacts.write(uri, "a.bin", chunks(2 * MB));
    await expect(artifacts.read(uri, "a.bin")).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("errors", () => {
  test.each([
    ["NoSuchBucket", 404, "not-found"],
    ["NoSuchKey", 404, "not-found"],
    ["AccessDenied", 403, "configuration"],
    ["InvalidAccessKeyId", 403, "configuration"],
    ["SignatureDoesNotMatch", 403, "configuration"],
    ["ExpiredToken", 400, "configuration"],
    ["KeyTooLongError", 400, "invalid-argument"],
    ["ServiceUnavailable", 503, "unavailable"],
    ["NewError", 409, "provider"],
  ])("%s (%d) is %s", async (code, status, expected) => {
    const { artifacts, uri } = await s3Bucket({ fault: () => ({ status, code }) });
    for (const call of [
      () => artifacts.read(uri, "a.bin"),
      () => artifacts.write(uri, "a.bin", "x"),
      () => artifacts.list(uri),
      () => artifacts.delete(uri),
    ]) {
      await expect(call()).rejects.toMatchObject({
        code: expected,
        message: expect.stringContaining("s3://bucket/prefix/run"),
      });
    }
  });

  test("show no key", async () => {
    const { artifacts, uri } = await s3Bucket();
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
    const error = await artifacts.list(uri).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: "configuration" });
    expect(inspect(error, { depth: 9 })).not.toMatch(/AKIAIOSFODNN7EXAMPLE|secret-key/);
  });

  test("a server that is not there is unavailable", async () => {
    const { server, artifacts, uri } = await s3Bucket();
    await server.close();
    await expect(artifacts.list(uri)).rejects.toMatchObject({ code: "unavailable" });
  });

  test("an object that could not be deleted is told", async () => {
    const { artifacts, uri } = await s3Bucket();
    await artifacts.write(uri, "a/locked", "x");
    await artifacts.write(uri, "a/b", "x");
    await expect(artifacts.delete(uri, "a")).rejects.toMatchObject({ code: "configuration" });
  });

  test("a missing package names the install command, an endpoint must be a URL", async () => {
    const missing = connectS3({}, () => Promise.reject(new Error("Cannot find package")));
    await expect(missing).rejects.toMatchObject({
      code: "configuration",
      message: expect.stringContaining("npm install @aws-sdk/client-s3"),
    });
    for (const AWS_ENDPOINT_URL of ["127.0.0.1:9000", "http://user:hunter2@host"]) {
      await expect(
        new S3ArtifactStore({ AWS_ENDPOINT_URL }).list("s3://bucket/x"),
      ).rejects.toMatchObject({
        code: "configuration",
        message: expect.stringMatching(/^(?!.*hunter2).*AWS_ENDPOINT_URL/),
      });
    }
  });
});

test("more than a thousand objects are listed and deleted", async () => {
  const { server, artifacts, uri } = await s3Bucket();
  const object = { body: Buffer.from("x"), headers: {} };
  for (let index = 0; index < 2500; index++) {
    server.objects.set(`prefix/run/${String(index).padStart(4, "0")}`, object);
  }
  server.objects.set("prefix/run-2/a", object);
  server.objects.set("prefix/run/folder/", object);
  const listed = await artifacts.list(uri);
  expect(listed).toHaveLength(2500);
  expect(listed.at(-1)).toEqual({ path: "2499", size: 1 });
  await artifacts.delete(uri);
  expect([...server.objects.keys()]).toEqual(["prefix/run-2/a"]);
});

test("an error that comes before anyone reads reaches the one who reads later", async () => {
  const { artifacts, uri } = await s3Bucket({
    fault: ({ method, key }) => (method === "GET" && key ? { cutAfter: 1 } : undefined),
  });
  await artifacts.write(uri, "a.bin", chunks(MB));
  const { content } = await artifacts.stream(uri, "a.bin");
  await expect.poll(() => content.errored).toMatchObject({ code: "unavailable" });
  await expect(content.toArray()).rejects.toMatchObject({ code: "unavailable" });
});

test("a whole bucket is never deleted", async () => {
  const { artifacts } = await s3Bucket();
  await expect(artifacts.delete("s3://bucket")).rejects.toMatchObject({ code: "invalid-argument" });
  await expect(artifacts.delete("s3://bucket/")).rejects.toMatchObject({
    code: "invalid-argument",
  });
});

test("region, endpoint and path style follow the environment", async () => {
  for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"]) vi.stubEnv(name, "");
  vi.stubEnv("AWS_CONFIG_FILE", "/nonexistent");
  const plain = await connectS3({});
  expect(await plain.client.config.region()).toBe("us-east-1");
  expect(plain.client.config.forcePathStyle).toBe(false);
  vi.stubEnv("AWS_REGION", "eu-west-3");
  const own = await connectS3({ MLFLOW_S3_ENDPOINT_URL: "http://127.0.0.1:9000/" });
  expect(await own.client.config.region()).toBe("eu-west-3");
  expect(own.client.config.forcePathStyle).toBe(true);
  expect(await own.client.config.endpoint?.()).toMatchObject({ hostname: "127.0.0.1", port: 9000 });
});
