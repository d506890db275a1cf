import { describe, expect, test } from "vitest";
import { createScrubber, type JsonValue } from "../../../src/core/index.ts";
import { KEYS } from "./formats.ts";

const SECRET = KEYS["OpenAI project"] as string;

describe("a scrubber", () => {
  const scrubber = createScrubber();

  test("takes secrets out of texts, values and their JSON", () => {
    expect(scrubber.text(`key ${SECRET}`)).toBe("key [redacted]");
    expect(scrubber.value({ a: [SECRET, 1] })).toEqual({ a: ["[redacted]", 1] });
    expect(scrubber.json({ a: [SECRET, 1] })).toBe('{"a":["[redacted]",1]}');
  });

  test("gives the same JSON of long values, with pauses between its passes over them", async () => {
    const filler = "Lorem ipsum: dolor-sit_amet. ".repeat(5000);
    const values: JsonValue[] = [
      { a: filler, b: SECRET, password: "Tr0ub4dor&3" },
      `${SECRET} ${filler} postgresql://app:s3cr3t-pw@db/x ${SECRET}`,
      { a: [SECRET, "short"] },
      filler,
    ];
    for (const value of values) {
      let pauses = 0;
      const pause = async () => {
        pauses += 1;
      };
      const json = scrubber.json(value);
      expect(await scrubber.jsonInPasses(value, pause)).toBe(json);
      expect(pauses > 0).toBe(json.length > 100_000);
    }
  });

  test("gives the same JSON of many values as of each, whatever stands beside a secret", async () => {
    const texts = [
      ...Object.values(KEYS),
      "postgresql://app:s3cr3t-pw@db/x",
      "--password",
      "Bearer",
    ];
    const values: JsonValue[] = texts.flatMap((text) => ["plain", text, { api_key: text }, [text]]);
    const each = values.map((value) => scrubber.json(value));
    const noPause = async () => undefined;
    expect(each.filter((json) => json.includes("[redacted]")).length).toBeGreaterThan(100);
    expect(await scrubber.jsonsInPasses(values, noPause)).toEqual(each);
    for (const [at, value] of values.entries()) {
      expect(await scrubber.jsonsInPasses(["a", value, "b"], noPause)).toEqual([
        '"a"',
        each[at],
        '"b"',
      ]);
    }
    const long = { text: "Lorem ipsum: dolor-sit_amet. ".repeat(5000) };
    let pauses = 0;
    const pause = async () => void pauses++;
    expect(await scrubber.jsonsInPasses([SECRET, long], pause)).toEqual([
      '"[redacted]"',
      JSON.stringify(long),
    ]);
    expect(pauses).toBeGreaterThan(0);
  });

  test("takes secrets out of named texts and their names, and knows credentials by name", () => {
    expect(scrubber.texts({ api_key: "abcdef1234567890", [SECRET]: "x", lr: "0.1" })).toEqual({
      api_key: "[redacted]",
      "[redacted]": "x",
      lr: "0.1",
    });
  });

  test("gives different identifiers with secrets different digests, and the same one the same", () => {
    const other = KEYS.Groq as string;
    expect(scrubber.key(SECRET)).toMatch(/^\[redacted:[0-9a-f]{16}\]$/);
    expect(scrubber.key(SECRET)).toBe(scrubber.key(SECRET));
    expect(scrubber.key(SECRET)).not.toBe(scrubber.key(other));
    expect(scrubber.key(scrubber.key(SECRET))).toBe(scrubber.key(SECRET));
    expect(scrubber.key("row-1")).toBe("row-1");
  });
});

test.each(["secrets", "off"] as const)(
  "what no database keeps in a text is replaced: %s",
  (redact) => {
    const scrubber = createScrubber({ redact, mask: (value) => value });
    const [given, kept] = ["a\0b\ud800c", "a\ufffdb\ufffdc"];
    expect([scrubber.text(given), scrubber.name(given), scrubber.key(given)]).toEqual(
      Array.from({ length: 3 }, () => kept),
    );
    expect(scrubber.texts({ [given]: given, "mlflow.user": given })).toEqual({
      [kept]: kept,
      "mlflow.user": kept,
    });
    expect(scrubber.text("😀")).toBe("😀");
  },
);

test("a scrubber that is off returns everything as it is", () => {
  const scrubber = createScrubber({ redact: "off" });
  const value = { [SECRET]: SECRET };
  expect(scrubber.text(SECRET)).toBe(SECRET);
  expect(scrubber.key(SECRET)).toBe(SECRET);
  expect(scrubber.value(value)).toBe(value);
  expect(scrubber.texts(value)).toEqual(value);
  expect(scrubber.json(value)).toBe(JSON.stringify(value));
});

describe("a mask of the user's", () => {
  test("does not see names, nor the tags by which things are found", () => {
    const scrubber = createScrubber({ mask: () => "hidden" });
    expect(scrubber.name("run 1")).toBe("run 1");
    expect(scrubber.texts({ "mlflow.parentRunId": "abc", team: "x" })).toEqual({
      "mlflow.parentRunId": "abc",
      team: "hidden",
    });
  });

  const hideNames = (value: JsonValue) =>
    JSON.parse(JSON.stringify(value).replaceAll("Ann", "[name]")) as JsonValue;

  test("runs before our own shapes", () => {
    const seen: JsonValue[] = [];
    const scrubber = createScrubber({
      mask: (value) => {
        seen.push(value);
        return hideNames(value);
      },
    });
    expect(scrubber.text(`Ann ${SECRET}`)).toBe("[name] [redacted]");
    expect(scrubber.value({ a: `Ann ${SECRET}` })).toEqual({ a: "[name] [redacted]" });
    expect(scrubber.json(["Ann"])).toBe('["[name]"]');
    expect(seen).toEqual([`Ann ${SECRET}`, { a: `Ann ${SECRET}` }, ["Ann"]]);
  });

  test("runs alone when redaction is off", () => {
    const scrubber = createScrubber({ redact: "off", mask: hideNames });
    expect(scrubber.text(`Ann ${SECRET}`)).toBe(`[name] ${SECRET}`);
    expect(scrubber.texts({ who: "Ann" })).toEqual({ who: "[name]" });
    expect(scrubber.key("Ann")).toBe("Ann");
  });

  test("may make something else of a text", () => {
    expect(createScrubber({ mask: () => ({ n: 1 }) }).text("x")).toBe('{"n":1}');
  });

  test.each([
    [
      "throws",
      () => {
        throw new RangeError("no");
      },
      "[mask failed: RangeError]",
    ],
    [
      "throws what is no error",
      () => {
        throw "no";
      },
      "[mask failed: unknown]",
    ],
    ["returns nothing", () => undefined, "[mask failed: TypeError]"],
    ["returns what JSON cannot hold", () => 1n, "[mask failed: TypeError]"],
  ])("that %s takes the value with it", (_what, mask, failed) => {
    const scrubber = createScrubber({ mask: mask as unknown as (value: JsonValue) => JsonValue });
    expect(scrubber.text(SECRET)).toBe(failed);
    expect(scrubber.value({ a: SECRET })).toBe(failed);
    expect(scrubber.json({ a: SECRET })).toBe(JSON.stringify(failed));
    expect(scrubber.texts({ a: SECRET })).toEqual({ a: failed });
    expect(scrubber.key("row-1")).toBe("row-1");
  });
});
