import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { ArtifactStore } from "../../store/index.ts";
import { newRun, type OpenStore, rejection, type TestRunner } from "./kit.ts";

/** Opens an artifact store, with an artifact URI below which there is nothing yet. */
export type OpenArtifactStore = () => Promise<{
  readonly artifacts: ArtifactStore;
  readonly artifactUri: string;
  close?(): Promise<void>;
}>;

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Paths that could lead out of a run's folder, or that mean nothing. */
const REFUSED = [
  ".",
  "..",
  "../other",
  "a/../../other",
  "a/../b",
  "a/./b",
  "a//b",
  "/etc/passwd",
  "a\\..\\..\\b",
  "C:/x",
  "C:x",
  "nul\0byte",
  "line\nbreak",
  "half\ud800",
  "folder/",
  "%2e%2e/other",
  "a/%2E%2e/%2e%2e/other",
  "..%2fother",
  "%252e%252e%252fother",
  "%2fetc/passwd",
  "a%5c..%5cb",
  "nul%00byte",
  ".assay-meta/x",
  "a/.assay-meta/x",
];

/** What every {@link ArtifactStore} does; `open` may also open a whole tracking store. */
export function artifactStoreSuite(runner: TestRunner, open: OpenStore | OpenArtifactStore): void {
  const { describe, expect } = runner;
  const test = artifactTests(runner, open);

  describe("artifacts", () => {
    test("what was written is read: text, bytes and streams", async (artifacts, uri) => {
      const bytes = new Uint8Array([0, 255, 10, 13]);
      await artifacts.write(uri, "notes/prompt.txt", "grüße");
      await artifacts.write(uri, "raw.bin", bytes);
      await artifacts.write(uri, "node.bin", Readable.from([bytes, bytes]));
      await artifacts.write(uri, "web.bin", new Blob([bytes]).stream());
      await artifacts.write(uri, "empty", "");
      expect(decode(await artifacts.read(uri, "notes/prompt.txt"))).toBe("grüße");
      expect([...(await artifacts.read(uri, "raw.bin"))]).toEqual([...bytes]);
      expect([...(await artifacts.read(uri, "node.bin"))]).toEqual([...bytes, ...bytes]);
      expect([...(await artifacts.read(uri, "web.bin"))]).toEqual([...bytes]);
      expect(await artifacts.read(uri, "empty").then(({ length }) => length)).toBe(0);
    });

    test("a write tells size and sha256", async (artifacts, uri) => {
      expect(await artifacts.write(uri, "a/b.txt", "abc")).toEqual({
        path: "a/b.txt",
        size: 3,
        sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      });
    });

    test("a large file goes through in pieces, both ways", async (artifacts, uri) => {
      const sent = createHash("sha256");
      // 17 MiB and a byte, in chunks that divide nothing evenly.
      const size = 17 * 1024 * 1024 + 1;
      async function* content(): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < size; at += 700_001) {
          const chunk = Buffer.alloc(Math.min(700_001, size - at), `${at} `);
          sent.update(chunk);
          yield chunk;
        }
      }
      const written = await artifacts.write(uri, "large.bin", content());
      const found = await artifacts.stream(uri, "large.bin");
      const received = createHash("sha256");
      let largest = 0;
      for await (const chunk of found.content as AsyncIterable<Uint8Array>) {
        received.update(chunk);
        largest = Math.max(largest, chunk.byteLength);
      }
      const digest = sent.digest("hex");
      expect(written).toEqual({ path: "large.bin", size, sha256: digest });
      expect(received.digest("hex")).toBe(digest);
      expect([found.size, found.start, found.end]).toEqual([size, 0, size]);
      expect(largest <= 1024 * 1024).toBe(true);
    });

    test("ranges are read as by slice", async (artifacts, uri) => {
      await artifacts.write(uri, "digits.txt", "0123456789");
      const read = async (start: number, end?: number) => {
        const range = end === undefined ? { start } : { start, end };
        const { content, ...extent } = await artifacts.stream(uri, "digits.txt", range);
        return { text: decode(Buffer.concat(await content.toArray())), ...extent };
      };
      expect(await read(0, 1)).toEqual({ text: "0", size: 10, start: 0, end: 1 });
      expect(await read(3, 5)).toEqual({ text: "34", size: 10, start: 3, end: 5 });
      expect(await read(7)).toEqual({ text: "789", size: 10, start: 7, end: 10 });
      expect(await read(8, 99)).toEqual({ text: "89", size: 10, start: 8, end: 10 });
      expect(await read(-4)).toEqual({ text: "6789", size: 10, start: 6, end: 10 });
      expect(await read(-99)).toEqual({ text: "0123456789", size: 10, start: 0, end: 10 });
      for (const [start, end] of [[10], [5, 5], [5, 3], [-4, 8], [0.5], [Number.NaN]] as const) {
        expect((await rejection(read(start, end))).code).toBe("invalid-argument");
      }
    });

    test("a stream may be left before its end", async (artifacts, uri) => {
      await artifacts.write(uri, "large.bin", Buffer.alloc(3 * 1024 * 1024));
      for await (const chunk of (await artifacts.stream(uri, "large.bin")).content) {
        expect(chunk.length > 0).toBe(true);
        break;
      }
      (await artifacts.stream(uri, "large.bin")).content.destroy();
      await artifacts.write(uri, "large.bin", "small now");
      expect(decode(await artifacts.read(uri, "large.bin"))).toBe("small now");
    });

    test("the list has every file with its size in bytes, sorted by path", async (artifacts, uri) => {
      expect(await artifacts.list(uri)).toEqual([]);
      await artifacts.write(uri, "b/c.txt", "ä");
      await artifacts.write(uri, "a.part", "12345");
      await artifacts.write(uri, "b/a.txt", "");
      await artifacts.write(uri, "b-side.txt", "1");
      const below = [
        { path: "b/a.txt", size: 0 },
        { path: "b/c.txt", size: 2 },
      ];
      const beside = { path: "b-side.txt", size: 1 };
      expect(await artifacts.list(uri)).toEqual([{ path: "a.part", size: 5 }, beside, ...below]);
      expect(await artifacts.list(uri, "b")).toEqual(below);
      expect(await artifacts.list(uri, "c")).toEqual([]);
    });

    test("a folder's list has its files and folders, one level deep", async (artifacts, uri) => {
      expect(await artifacts.listFolder(uri)).toEqual([]);
      for (const path of ["z.txt", "plots/deep/a.svg", "plots/b.svg", "plots-old/c.svg"]) {
        await artifacts.write(uri, path, "12");
      }
      expect(await artifacts.listFolder(uri)).toEqual([
        { path: "plots", isFolder: true },
        { path: "plots-old", isFolder: true },
        { path: "z.txt", isFolder: false, size: 2 },
      ]);
      expect(await artifacts.listFolder(uri, "plots")).toEqual([
        { path: "plots/b.svg", isFolder: false, size: 2 },
        { path: "plots/deep", isFolder: true },
      ]);
      expect(await artifacts.listFolder(uri, "z.txt")).toEqual([]);
      expect(await artifacts.listFolder(uri, "missing")).toEqual([]);
    });

    test("names may have spaces, signs and any script", async (artifacts, uri) => {
      const paths = [
        "100%.txt",
        "a b+c&d=e.txt",
        "a%20b.txt",
        "what?#now.txt",
        "ü/日本.txt",
        "😀<>\"'",
      ];
      for (const path of paths) await artifacts.write(uri, path, path);
      expect((await artifacts.list(uri)).map(({ path }) => path)).toEqual(paths.toSorted());
      for (const path of paths) expect(decode(await artifacts.read(uri, path))).toBe(path);
      for (const path of paths) await artifacts.delete(uri, path);
      expect(await artifacts.list(uri)).toEqual([]);
    });

    test("writing again replaces; a reader sees one version or the other", async (artifacts, uri) => {
      const versions = ["a", "b"].map((letter) => letter.repeat(200_000));
      await artifacts.write(uri, "big.txt", versions[0] ?? "");
      const writes = Promise.all(
        [...versions, ...versions].map((version) => artifacts.write(uri, "big.txt", version)),
      );
      for (let read = 0; read < 20; read++) {
        const seen = decode(await artifacts.read(uri, "big.txt"));
        expect(versions.includes(seen)).toBe(true);
      }
      await writes;
      expect(versions.includes(decode(await artifacts.read(uri, "big.txt")))).toBe(true);
      expect((await artifacts.list(uri)).map(({ path }) => path)).toEqual(["big.txt"]);
    });

    test("the content of a write that is refused is let go of", async (artifacts, uri) => {
      const node = Readable.from([Buffer.from("a")]);
      let hasReturned = false;
      const source: AsyncIterableIterator<Uint8Array> = {
        next: async () => ({ done: false, value: Buffer.from("a") }),
        return: async () => {
          hasReturned = true;
          return { done: true, value: undefined };
        },
        [Symbol.asyncIterator]: () => source,
      };
      let isCancelled = false;
      const cancel = () => {
        isCancelled = true;
      };
      const web = new ReadableStream<Uint8Array>({ cancel });
      for (const content of [node, source, web]) {
        expect((await rejection(artifacts.write(uri, "../a", content))).code).toBe(
          "invalid-argument",
        );
      }
      expect([node.destroyed, hasReturned, isCancelled]).toEqual([true, true, true]);
    });

    test("a stream that fails leaves the old file whole and nothing else", async (artifacts, uri) => {
      async function* failing(size: number): AsyncGenerator<Uint8Array> {
        yield Buffer.alloc(size);
        throw new Error("the source broke");
      }
      await artifacts.write(uri, "kept.txt", "old");
      for (const size of [10, 9 * 1024 * 1024, 17 * 1024 * 1024]) {
        for (const path of ["kept.txt", "new.txt"]) {
          expect((await rejection(artifacts.write(uri, path, failing(size)))).code).toBe(
            "unavailable",
          );
        }
      }
      expect(decode(await artifacts.read(uri, "kept.txt"))).toBe("old");
      expect(await artifacts.list(uri)).toEqual([{ path: "kept.txt", size: 3 }]);
    });

    test("what is not bytes is refused", async (artifacts, uri) => {
      const contents: unknown[] = [1, null, {}, ["text"], Readable.from(["text"])];
      for (const content of contents) {
        const written = artifacts.write(uri, "a.txt", content as Uint8Array);
        expect((await rejection(written)).code).toBe("invalid-argument");
      }
      expect(await artifacts.list(uri)).toEqual([]);
    });

    test("a path that leaves the run's folder is refused", async (artifacts, uri) => {
      for (const path of REFUSED) {
        for (const refused of [
          artifacts.write(uri, path, "x"),
          artifacts.read(uri, path),
          artifacts.stream(uri, path),
          artifacts.list(uri, path),
          artifacts.listFolder(uri, path),
          artifacts.delete(uri, path),
        ]) {
          expect((await rejection(refused)).code).toBe("invalid-argument");
        }
      }
      expect((await rejection(artifacts.write(uri, "", "x"))).code).toBe("invalid-argument");
      expect((await rejection(artifacts.read(uri, ""))).code).toBe("invalid-argument");
      expect(await artifacts.list(uri)).toEqual([]);
    });

    test("what is not there is not found", async (artifacts, uri) => {
      expect((await rejection(artifacts.read(uri, "missing.txt"))).code).toBe("not-found");
      await artifacts.write(uri, "folder/file.txt", "x");
      expect((await rejection(artifacts.read(uri, "folder"))).code).toBe("not-found");
      expect((await rejection(artifacts.stream(uri, "folder/file.txt/x"))).code).toBe("not-found");
    });

    test("a file, a folder or everything can be deleted, more than once", async (artifacts, uri) => {
      const paths = ["a.txt", "folder/b.txt", "folder/deep/c.txt", "folder-2/d.txt"];
      for (const path of paths) await artifacts.write(uri, path, "x");
      const left = async () => (await artifacts.list(uri)).map(({ path }) => path);
      for (let time = 0; time < 2; time++) {
        await artifacts.delete(uri, "a.txt");
        await artifacts.delete(uri, "folder");
        expect(await left()).toEqual(["folder-2/d.txt"]);
      }
      await artifacts.write(uri, "a.txt", "again");
      expect(decode(await artifacts.read(uri, "a.txt"))).toBe("again");
      await artifacts.delete(uri);
      await artifacts.delete(uri);
      expect(await left()).toEqual([]);
      expect((await rejection(artifacts.read(uri, "a.txt"))).code).toBe("not-found");
    });

    test("the runs of one root do not see each other", async (artifacts, uri) => {
      await artifacts.write(`${uri}/1`, "a.txt", "one");
      await artifacts.write(`${uri}/12`, "a.txt", "twelve");
      expect((await artifacts.list(`${uri}/1/`)).map(({ path }) => path)).toEqual(["a.txt"]);
      await artifacts.delete(`${uri}/1`);
      const bytes = await artifacts.read(`${uri}/12`, "a.txt");
      expect(sha256(bytes)).toBe(sha256(Buffer.from("twelve")));
    });
  });
}

/** A test that gets a fresh store, closed afterwards whatever happens, and an empty artifact URI. */
function artifactTests(runner: TestRunner, open: OpenStore | OpenArtifactStore) {
  return (name: string, body: (store: ArtifactStore, uri: string) => Promise<void>): void => {
    runner.test(name, async () => {
      const opened = await open();
      try {
        await body(opened.artifacts, await artifactUriOf(opened));
      } finally {
        await opened.close?.();
      }
    });
  };
}

type Opened = Awaited<ReturnType<OpenStore | OpenArtifactStore>>;

async function artifactUriOf(opened: Opened): Promise<string> {
  if ("artifactUri" in opened) return opened.artifactUri;
  const run = await opened.runs.getRun(await newRun(opened));
  return run?.artifactUri ?? "";
}
