import { type OpenStore, storeTests, type TestRunner } from "./kit.ts";

/** What every {@link ResponseStore} does. */
export function responseStoreSuite(runner: TestRunner, open: OpenStore): void {
  const { describe, expect } = runner;
  const test = storeTests(runner, open);
  describe("cached responses", () => {
    test("are found under their key, the latest of it", async ({ responses }) => {
      const cache = responses.cache();
      expect(await cache.get("a")).toBe(undefined);
      await Promise.all([cache.set("a", "1"), cache.set("b", "2"), cache.set("a", "3")]);
      expect([await cache.get("a"), await cache.get("b")]).toEqual(["3", "2"]);
      await cache.set("a", "4");
      expect(await cache.get("a")).toBe("4");
    });

    test("count for as long as they are asked to", async ({ responses }) => {
      await responses.cache().set("a", "1");
      expect(await responses.cache({ ttlMs: 0 }).get("a")).toBe(undefined);
      expect(await responses.cache({ ttlMs: 60_000 }).get("a")).toBe("1");
      expect(await responses.clear({ ttlMs: 60_000 })).toBe(0);
      expect(await responses.clear()).toBe(1);
      expect(await responses.cache().get("a")).toBe(undefined);
    });

    test("are not kept when they hold secrets", async ({ responses }) => {
      const cache = responses.cache();
      await cache.set("a", JSON.stringify({ text: `sk-${"a1B2".repeat(8)}` }));
      expect(await cache.get("a")).toBe(undefined);
    });
  });
}
