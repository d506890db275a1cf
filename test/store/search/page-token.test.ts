import { expect, test } from "vitest";
import {
  decodePageToken,
  encodePageToken,
  parseFilter,
  parseOrderBy,
  queryFingerprint,
  type SearchTarget,
} from "../../../src/store/search/index.ts";

const FINGERPRINT = fingerprint("runs", "metrics.a > 1", ["start_time"]);

function fingerprint(
  target: SearchTarget,
  filter: string,
  order: string[],
  scope: unknown = ["0"],
) {
  return queryFingerprint({
    target,
    filter: parseFilter(target, filter),
    order: parseOrderBy(target, order),
    scope,
  });
}

test("a token comes back as it was, in letters that URLs leave alone", () => {
  const after = ["ünï 😀 \ud800", "", 0, -1.5, 2 ** 53, null, Number.NaN, Infinity, -Infinity];
  const token = { target: "runs", fingerprint: FINGERPRINT, after } as const;
  const text = encodePageToken(token);
  expect(text).toMatch(/^[\w-]+$/);
  expect(decodePageToken(text, FINGERPRINT)).toEqual(token);
});

test("a token of another query is refused", () => {
  const text = encodePageToken({ target: "runs", fingerprint: FINGERPRINT, after: [1, "r"] });
  expect(() => decodePageToken(text, fingerprint("runs", "metrics.a > 2", ["start_time"]))).toThrow(
    "Expected a page token of this query, found one of a search of runs with another filter, order or scope. Repeat the search it came from, or leave it out to start with the first page.",
  );
});

const encoded = (json: unknown) => Buffer.from(JSON.stringify(json)).toString("base64url");

test.each([
  "",
  "garbage",
  "%%%",
  "eyJvZmZzZXQiOiAxMH0=",
  encoded(null),
  encoded({ offset: 10 }),
  encoded(["nothing", FINGERPRINT, []]),
  encoded(["constructor", FINGERPRINT, []]),
  encoded(["runs", 1, []]),
  encoded(["runs", FINGERPRINT, {}]),
  encoded(["runs", FINGERPRINT, [true]]),
  encoded(["runs", FINGERPRINT, [{ number: "12" }]]),
  encoded(["runs", FINGERPRINT, [[1]]]),
])("%j is no token", (text) => {
  expect(() => decodePageToken(text, FINGERPRINT)).toThrow(
    expect.objectContaining({
      code: "invalid-argument",
      message: expect.stringContaining("Expected the page token that the previous page came with"),
    }),
  );
});

test("a fingerprint changes with target, filter, order and scope, not with spelling", () => {
  expect(fingerprint("runs", "metric.`a`  >1.0", ["created ASC"])).toBe(FINGERPRINT);
  const others = [
    fingerprint("logged-models", "metrics.a > 1", ["creation_time"]),
    fingerprint("runs", "", ["start_time"]),
    fingerprint("runs", "metrics.a >= 1", ["start_time"]),
    fingerprint("runs", "metrics.a > 1", ["start_time DESC"]),
    fingerprint("runs", "metrics.a > 1", ["start_time"], ["1"]),
  ];
  expect(new Set([FINGERPRINT, ...others]).size).toBe(6);
});
