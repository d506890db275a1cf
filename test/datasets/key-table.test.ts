import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { KeyTable } from "../../src/datasets/key-table.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

describe("a table of digests", () => {
  test("counts as a Map does, through every growth", () => {
    const table = new KeyTable();
    const map = new Map<string, number>();
    for (let i = 0; i < 60_000; i++) {
      const digest = sha256(String((i * i) % 40_009));
      expect(table.update(digest, (count) => count + 1)).toBe(map.get(digest) ?? 0);
      map.set(digest, (map.get(digest) ?? 0) + 1);
    }
    expect(map.size).toBeGreaterThan(20_000);
  });

  test("tells digests apart that share a beginning of 64 bits, and keeps numbers of 32 bits", () => {
    const table = new KeyTable();
    const [a, b] = ["0", "f"].map((last) =>
      `${"ab".repeat(8)}${"0".repeat(7)}${last}`.padEnd(64, "0"),
    );
    expect(table.update(a as string, () => 2 ** 32 - 1)).toBe(0);
    expect(table.update(b as string, () => 7)).toBe(0);
    expect(table.update(a as string, (value) => value)).toBe(2 ** 32 - 1);
    expect(table.update(b as string, (value) => value)).toBe(7);
  });
});
