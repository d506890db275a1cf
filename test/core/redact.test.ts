import { describe, expect, test } from "vitest";
import { redactJson, redactText } from "../../src/core/index.ts";

// None of these is a key: they only have the shape of one.
const FAKE_KEYS = {
  openai: `sk-${"fake".repeat(6)}`,
  "openai project": `sk-proj-${"Fake_-0".repeat(5)}`,
  anthropic: `sk-ant-api03-${"fake".repeat(8)}`,
  groq: `gsk_${"Fake0".repeat(6)}`,
  "hugging face": `hf_${"FakeFake".repeat(4)}`,
  github: `ghp_${"Fake0".repeat(8)}`,
  "github, fine-grained": `github_pat_${"Fake_0".repeat(8)}`,
  google: `AIza${"Fake-".repeat(7)}`,
  aws: "AKIAFAKEFAKEFAKEFAKE",
  slack: "xoxb-000000000000-fakefakefake",
  jwt: `eyJ${"fake".repeat(4)}.eyJ${"fake".repeat(4)}.${"fake".repeat(8)}`,
};

describe("what is masked", () => {
  test.each(Object.entries(FAKE_KEYS))("a key of %s, wherever it stands", (_name, key) => {
    for (const [before, after] of [
      ["", ""],
      ["the key is ", ", keep it"],
      ['{"apiKey":"', '"}'],
      ["KEY=", "\n"],
    ]) {
      expect(redactText(`${before}${key}${after}`)).toBe(`${before}[redacted]${after}`);
    }
  });

  test("every key of a text", () => {
    const { openai, github } = FAKE_KEYS;
    expect(redactText(`${openai} ${github} ${openai}`)).toBe("[redacted] [redacted] [redacted]");
  });

  test("a bearer token, whatever its shape", () => {
    expect(redactText("Authorization: Bearer fake0token-0123456789")).toBe(
      "Authorization: Bearer [redacted]",
    );
  });

  test("the password of a URL, and a key in its query", () => {
    expect(redactText("postgresql://user:fakepass@db.example/x")).toBe(
      "postgresql://user:[redacted]@db.example/x",
    );
    expect(redactText("https://api.example/v1?a=1&api_key=fakefake&b=2")).toBe(
      "https://api.example/v1?a=1&api_key=[redacted]&b=2",
    );
  });

  test("texts at every depth of a value, keys of objects included", () => {
    const { openai } = FAKE_KEYS;
    expect(redactJson({ a: [openai, 1, null], [openai]: { b: `x ${openai}` } })).toEqual({
      a: ["[redacted]", 1, null],
      "[redacted]": { b: "x [redacted]" },
    });
  });
});

describe("what is left alone", () => {
  test.each([
    "a risk-assessment-of-large-language-models",
    "HTTP supports Bearer authentication schemes",
    "https://example.com:8080/path?page=2",
    "mailto:somebody@example.com",
    "see http://localhost:5000 or ask me@example.com",
    "sk-short",
    "",
  ])("%j", (text) => {
    expect(redactText(text)).toBe(text);
  });

  test("JSON text stays JSON, whatever stands beside a secret", () => {
    const value = {
      host: "http://host:80",
      mail: "me@example.org",
      nested: JSON.stringify({ url: "https://api.example/?token=fakefake", next: "x" }),
    };
    const masked = JSON.parse(redactText(JSON.stringify(value))) as typeof value;
    expect(masked.host).toBe(value.host);
    expect(masked.mail).toBe(value.mail);
    expect(JSON.parse(masked.nested)).toEqual({
      url: "https://api.example/?token=[redacted]",
      next: "x",
    });
  });

  test("numbers, booleans and null", () => {
    for (const value of [1, true, null]) expect(redactJson(value)).toBe(value);
  });
});
