import { describe, expect, test } from "vitest";
import { redactJson, redactText } from "../../../src/core/index.ts";
import { KEYS, NAMED } from "./formats.ts";

const CARRIERS: { readonly [name: string]: (secret: string) => string } = {
  "on its own": (secret) => secret,
  "in prose": (secret) => `The key I was given is ${secret}, so keep it.`,
  "in JSON text": (secret) => JSON.stringify({ messages: [{ content: `first\n${secret}\tx` }] }),
  "in the query of a URL": (secret) => `https://api.example/v1?alt=json&k=${secret}&page=2`,
  "in an error message": (secret) =>
    `AuthError: Incorrect API key provided: ${secret}. (status 401)`,
  "in JSON within JSON": (secret) => JSON.stringify(JSON.stringify({ body: `\n${secret}\n` })),
};

describe.each(Object.entries(KEYS))("a key of %s is masked", (_format, secret) => {
  test.each(Object.entries(CARRIERS))("%s", (_carrier, around) => {
    expect(redactText(around(secret))).toBe(around("[redacted]"));
  });
});

describe.each(Object.entries(NAMED))(
  "what the text around it gives away: %s",
  (_format, sample) => {
    const { text, secret } = sample;
    const masked = text.replace(secret, () => "[redacted]");

    test("is masked in text", () => {
      expect(redactText(text)).toBe(masked);
      expect(redactText(`before ${text}`)).toBe(`before ${masked}`);
    });

    test("is masked in JSON and in JSON within JSON, which stay JSON", () => {
      const once = JSON.stringify({ text, next: "x" });
      expect(JSON.parse(redactText(once))).toEqual({ text: masked, next: "x" });
      expect(JSON.parse(JSON.parse(redactText(JSON.stringify(once))))).toEqual({
        text: masked,
        next: "x",
      });
      expect(redactJson({ text })).toEqual({ text: masked });
    });
  },
);

test("what is masked stays as it is when it is masked again", () => {
  const texts = [...Object.values(KEYS), ...Object.values(NAMED).map(({ text }) => text)];
  for (const text of texts) expect(redactText(redactText(text))).toBe(redactText(text));
});
