import { describe, expect, test } from "vitest";
import { AssayError, describeError, isAssayError } from "../../src/core/index.ts";

class Hostile extends Error {
  override get message(): string {
    throw new Error("never read me");
  }
}

describe("what was thrown, on one line", () => {
  test("names an error and what caused it, three deep", () => {
    const socket = new Error("connect ECONNREFUSED 127.0.0.1:1");
    const outer = new Error("Connection error.", {
      cause: new TypeError("fetch failed", { cause: socket }),
    });
    expect(describeError(outer)).toBe(
      "Error: Connection error. (TypeError: fetch failed (Error: connect ECONNREFUSED 127.0.0.1:1))",
    );
    expect(describeError(new Error("a\n  b"))).toBe("Error: a b");
    const tried = new AggregateError([new Error("::1 refused"), new Error("127.0.0.1 refused")]);
    expect(describeError(new TypeError("fetch failed", { cause: tried }))).toBe(
      "TypeError: fetch failed (AggregateError (Error: 127.0.0.1 refused))",
    );
  });

  test("says a cause that the message quotes once", () => {
    const cause = new Error("no such model");
    expect(describeError(new Error(`HTTP 404: ${cause.message}`, { cause }))).toBe(
      "Error: HTTP 404: no such model",
    );
  });

  test("leaves out the cause of Assay's own errors, which may quote data", () => {
    const cause = new SyntaxError('Unexpected token in "secret"');
    expect(describeError(new AssayError("invalid-argument", "malformed", { cause }))).toBe(
      "AssayError: malformed",
    );
  });

  test("holds what there is of a thrown value that is no error", () => {
    expect(describeError("plain")).toBe("plain");
    expect(describeError({ code: 1, detail: "x" })).toBe('{"code":1,"detail":"x"}');
    expect(describeError({ name: "Refused", message: "not\nnow" })).toBe("Refused: not now");
    expect(describeError(undefined)).toBe("undefined");
    expect(describeError(Symbol("s"))).toBe("Symbol(s)");
  });

  test("never throws, whatever the getters of an error do", () => {
    const nameless = Object.defineProperty(new Error("x"), "name", {
      get: () => {
        throw new Error("no");
      },
    });
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    for (const thrown of [new Hostile(), nameless, cycle, new Proxy({}, { get: () => cycle.self })])
      expect(typeof describeError(thrown)).toBe("string");
    expect(isAssayError(nameless)).toBe(false);
  });
});
