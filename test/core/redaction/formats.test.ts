import { describe, expect, test } from "vitest";
import { redactJson, redactText } from "../../../src/core/index.ts";
import { KEYS, NAMED, UNMISTAKABLE } from "./formats.ts";

const CARRIERS: { readonly [name: string]: (secret: string) => string } = {
  "on its own": (secret) => secret,
  "in prose": (secret) => `The key I was given is ${secret}, so keep it.`,
  "in JSON text": (secret) => JSON.stringify({ messages: [{ content: `first\n${secret}\tx` }] }),
  "in the query of a URL": (secret) => `https://api.example/v1?alt=json&k=${secret}&page=2`,
  "in an error message": (secret) =>
    `AuthError: Incorrect API key provided: ${secret}. (status 401)`,
  "in colour": (secret) => `\u001b[1;31m${secret}\u001b[0m`,
  "in colour, as JSON": (secret) => JSON.stringify({ log: `\u001b[31m${secret}\u001b[0m` }),
  "in colour that has lost its escape character": (secret) => `[38;5;196m${secret}[0m`,
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

describe.each(UNMISTAKABLE)("a key of %s is masked", (format) => {
  const secret = KEYS[format] as string;

  test.each(["_", "__", "my_", "this_is_", "x", "Token9"])("behind %j", (before) => {
    expect(redactText(`a ${before}${secret} b`)).toBe(`a ${before}[redacted] b`);
    expect(redactText(JSON.stringify([before + secret]))).toBe(`["${before}[redacted]"]`);
  });
});

test.each(["DeepSeek", "AWS access key id", "OpenAI project"])(
  "a key of %s is masked behind an underscore",
  (format) => {
    expect(redactText(`OPENAI_${KEYS[format]}`)).toBe("OPENAI_[redacted]");
    // Underscores behind a key may belong to it.
    expect(redactText(`__${KEYS[format]}__`)).toMatch(/^__\[redacted\](?:__)?$/);
  },
);

test("what is masked stays as it is when it is masked again", () => {
  const texts = [...Object.values(KEYS), ...Object.values(NAMED).map(({ text }) => text)];
  for (const text of texts) expect(redactText(redactText(text))).toBe(redactText(text));
});
