import { describe, expect, test } from "vitest";
import { createRollingDigest, digestOf, sha256 } from "../../src/core/index.ts";

describe("digests", () => {
  test("are SHA-256 of the UTF-8 text", () => {
    // FIPS 180-2, appendix B.1.
    expect(sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  test("of a value do not depend on the order of its keys", () => {
    expect(digestOf({ a: 1, b: 2 })).toBe(digestOf({ b: 2, a: 1 }));
    expect(digestOf({ a: 1 })).toBe(sha256('{"a":1}'));
    expect(digestOf([1, 2])).not.toBe(digestOf([2, 1]));
  });

  test("of a sequence can be read on the way and tell where a text ends", () => {
    const rolling = createRollingDigest();
    const empty = rolling.hex();
    rolling.add("ab");
    const one = rolling.hex();
    expect(one).toBe(sha256("ab\n"));
    expect(rolling.hex()).toBe(one);
    rolling.add("c");
    expect(rolling.hex()).toBe(sha256("ab\nc\n"));
    expect(empty).toBe(sha256(""));
    const other = createRollingDigest();
    other.add("a");
    other.add("bc");
    expect(other.hex()).not.toBe(rolling.hex());
  });
});
