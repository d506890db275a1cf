import {
  newRun,
  type OpenStore,
  rejection,
  type StoreTest,
  storeTests,
  type TestRunner,
} from "./kit.ts";

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** What every {@link ArtifactStore} does. */
export function artifactStoreSuite(runner: TestRunner, open: OpenStore): void {
  const { describe, expect } = runner;
  const test = withRun(storeTests(runner, open));

  describe("artifacts", () => {
    test("what was written is read, text and bytes", async ({ artifacts }, uri) => {
      await artifacts.write(uri, "notes/prompt.txt", "grüße");
      const bytes = new Uint8Array([0, 255, 10, 13]);
      await artifacts.write(uri, "raw.bin", bytes);
      expect(decode(await artifacts.read(uri, "notes/prompt.txt"))).toBe("grüße");
      expect([...(await artifacts.read(uri, "raw.bin"))]).toEqual([...bytes]);
    });

    test("the list has every file with its size in bytes, sorted by path", async (store, uri) => {
      const { artifacts } = store;
      expect(await artifacts.list(uri)).toEqual([]);
      await artifacts.write(uri, "b/c.txt", "ä");
      await artifacts.write(uri, "a.part", "12345");
      await artifacts.write(uri, "b/a.txt", "");
      expect(await artifacts.list(uri)).toEqual([
        { path: "a.part", size: 5 },
        { path: "b/a.txt", size: 0 },
        { path: "b/c.txt", size: 2 },
      ]);
    });

    test("writing again replaces; a reader sees one version or the other", async (store, uri) => {
      const { artifacts } = store;
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
      expect((await artifacts.list(uri)).map(({ path }) => path)).toEqual(["big.txt"]);
    });

    test("a path that leaves the run's folder is refused", async ({ artifacts }, uri) => {
      for (const path of [
        "",
        ".",
        "..",
        "../other",
        "a/../../other",
        "/etc/passwd",
        "a\\..\\..\\b",
        "C:/x",
        "nul\0byte",
        "folder/",
      ]) {
        expect((await rejection(artifacts.write(uri, path, "x"))).code).toBe("invalid-argument");
        expect((await rejection(artifacts.read(uri, path))).code).toBe("invalid-argument");
      }
      expect(await artifacts.list(uri)).toEqual([]);
    });

    test("what is not there is not found", async ({ artifacts }, uri) => {
      expect((await rejection(artifacts.read(uri, "missing.txt"))).code).toBe("not-found");
      await artifacts.write(uri, "folder/file.txt", "x");
      expect((await rejection(artifacts.read(uri, "folder"))).code).toBe("not-found");
    });

    test("a file cannot take the place of a folder, nor a folder that of a file", async (store, uri) => {
      const { artifacts } = store;
      await artifacts.write(uri, "folder/file.txt", "x");
      expect((await rejection(artifacts.write(uri, "folder", "x"))).code).toBe("unavailable");
      const inside = artifacts.write(uri, "folder/file.txt/deeper", "x");
      expect((await rejection(inside)).code).toBe("unavailable");
      expect(await artifacts.list(uri)).toEqual([{ path: "folder/file.txt", size: 1 }]);
    });
  });
}

/** Hands the artifact URI of a new run to the test. */
function withRun(test: StoreTest) {
  return (
    name: string,
    body: (store: Parameters<Parameters<StoreTest>[1]>[0], uri: string) => Promise<void>,
  ): void =>
    test(name, async (store) => {
      const run = await store.runs.getRun(await newRun(store));
      await body(store, run?.artifactUri ?? "");
    });
}
