import { describe, expect, test } from "vitest";
import { canonicalJson, isAssayError, isPlainObject, toJsonValue } from "../../src/core/index.ts";

describe("canonical JSON", () => {
  test("has sorted keys and no spaces, at every depth", () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: "x y" })).toBe(
      '{"a":"x y","b":[{"c":2,"d":1}]}',
    );
  });

  test("is the same whatever the order of keys, and differs by the order of an array", () => {
    expect(canonicalJson({ a: 1, b: { c: 2, d: 3 } })).toBe(
      canonicalJson({ b: { d: 3, c: 2 }, a: 1 }),
    );
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
  });

  test("leaves out what is undefined", () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe(canonicalJson({ b: 1 }));
    expect(canonicalJson(undefined)).toBe("null");
  });

  test("keeps a key named __proto__", () => {
    expect(canonicalJson(JSON.parse('{"__proto__":1,"a":2}'))).toBe('{"__proto__":1,"a":2}');
  });

  test("refuses what JSON cannot hold", () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    const twice: { a?: unknown; b?: unknown } = {};
    twice.a = twice;
    twice.b = [twice, twice];
    for (const value of [cycle, twice, 1n, { deep: [2n] }]) {
      try {
        canonicalJson(value);
        expect.unreachable();
      } catch (error) {
        expect(isAssayError(error, "invalid-argument")).toBe(true);
      }
    }
  });
});

describe("the JSON form of anything", () => {
  test("has the members of maps, sets, headers and typed arrays", () => {
    const self = new Map<string, unknown>();
    self.set("self", self);
    expect(
      toJsonValue({
        map: new Map([["a", new Set([1, 2n])]]),
        byNumber: new Map([[1, "one"]]),
        headers: new Headers({ "x-a": "1" }),
        query: new URLSearchParams("q=a+b"),
        vector: new Float32Array([0.5, 1]),
        self,
      }),
    ).toEqual({
      map: { a: [1, "2"] },
      byNumber: [[1, "one"]],
      headers: { "x-a": "1" },
      query: { q: "a b" },
      vector: [0.5, 1],
      self: { self: "[circular]" },
    });
  });

  test("is the value itself where JSON can hold it", () => {
    const value = { a: [1, "x", null, true], b: { c: -0.5 } };
    expect(toJsonValue(value)).toEqual(value);
    expect(toJsonValue(undefined)).toBeNull();
  });

  test("is a copy: what becomes of the value afterwards is not recorded", () => {
    const value = { list: [{ a: 1 }] };
    const recorded = toJsonValue(value);
    value.list.push({ a: 2 });
    expect(recorded).toEqual({ list: [{ a: 1 }] });
  });

  test.each<[string, unknown]>([
    ["negative zero", [-0]],
    ["members that are undefined", { a: undefined, b: [undefined, 1] }],
    ["a hole in an array", Object.assign(new Array(3), { 0: 1, 2: 2 })],
    ["a key named __proto__", JSON.parse('{"__proto__":{"x":1},"a":2}')],
    ["half a surrogate pair", "a\ud800b"],
    ["an object without a prototype", Object.assign(Object.create(null), { a: 1 })],
    ["what has a form of its own", { a: { toJSON: () => ({ b: 1 }) } }],
    ["boxed values", [Object(1), Object("x")]],
    ["keys that look like numbers", { b: 1, 10: 2, 9: 3 }],
  ])("is what its JSON text says: %s", (_, value) => {
    const expected = JSON.parse(JSON.stringify(value));
    expect(toJsonValue(value)).toStrictEqual(expected);
    expect(JSON.stringify(toJsonValue(value))).toBe(JSON.stringify(expected));
  });

  test("of what refers to itself twice is soon found", () => {
    const twice: { a?: unknown; b?: unknown } = {};
    twice.a = twice;
    twice.b = [twice, twice];
    expect(toJsonValue(twice)).toEqual({ a: "[circular]", b: ["[circular]", "[circular]"] });
  });

  test("puts text for what JSON cannot hold", () => {
    const cycle: { name: string; self?: unknown } = { name: "a" };
    cycle.self = cycle;
    expect(
      toJsonValue({
        big: 12345678901234567890n,
        nan: Number.NaN,
        infinite: Number.NEGATIVE_INFINITY,
        error: new TypeError("wrong"),
        date: new Date(0),
        cycle,
      }),
    ).toEqual({
      big: "12345678901234567890",
      nan: "NaN",
      infinite: "-Infinity",
      error: { name: "TypeError", message: "wrong" },
      date: "1970-01-01T00:00:00.000Z",
      cycle: { name: "a", self: "[circular]" },
    });
  });

  test("tells a value that occurs twice from a cycle", () => {
    const shared = { x: 1 };
    expect(toJsonValue([shared, { again: shared }, shared])).toEqual([
      { x: 1 },
      { again: { x: 1 } },
      { x: 1 },
    ]);
  });

  test("never throws, whatever the value does", () => {
    const hostile = {
      get trap(): never {
        throw new RangeError("no");
      },
    };
    const nested: unknown[] = [];
    let inner = nested;
    for (let depth = 0; depth < 100_000; depth++) {
      const next: unknown[] = [];
      inner.push(next);
      inner = next;
    }
    expect(toJsonValue(hostile)).toBe("[not recordable: RangeError]");
    expect(toJsonValue(nested)).toBe("[not recordable: RangeError]");
    const toJSON = () => {
      throw "text";
    };
    expect(toJsonValue({ toJSON })).toBe("[not recordable: unknown]");
  });
});

test("a plain object is one without a class", () => {
  expect([{}, Object.create(null)].every(isPlainObject)).toBe(true);
  expect([null, [], new Date(), new Map(), "x", 1].some(isPlainObject)).toBe(false);
});
