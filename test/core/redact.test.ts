import { afterEach, describe, expect, test, vi } from "vitest";
import { redactJson, redactText } from "../../src/core/index.ts";
import { inPieces } from "../../src/core/redaction/long-runs.ts";

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
  "google, by OAuth": `ya29.${"Fake0-".repeat(5)}`,
  stripe: `sk_live_${"Fake0".repeat(5)}`,
  "stripe, in tests": `sk_test_${"Fake0".repeat(5)}`,
  "stripe, restricted": `rk_live_${"Fake0".repeat(5)}`,
  gitlab: `glpat-${"Fake0".repeat(4)}`,
  npm: `npm_${"Fake".repeat(9)}`,
  langsmith: `lsv2_pt_${"fake0".repeat(6)}_fake`,
  "langsmith, of a service": `lsv2_sk_${"fake0".repeat(6)}_fake`,
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
      ['{"text":"first\\n', '\\n"}'],
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

  test.each([
    ["Authorization: Basic ZmFrZTpmYWtl", "Authorization: Basic [redacted]"],
    ['{"authorization":"Basic ZmFrZTpmYWtlMQ=="}', '{"authorization":"Basic [redacted]"}'],
    [`api-key: ${"fake0".repeat(4)}.`, "api-key: [redacted]."],
    [`X-Api-Key=${"fake0".repeat(4)}\n`, "X-Api-Key=[redacted]\n"],
    [`{"api_key":"${"fake".repeat(5)}"}`, '{"api_key":"[redacted]"}'],
    [`"{\\"apiKey\\": \\"${"fake".repeat(5)}\\"}"`, '"{\\"apiKey\\": \\"[redacted]\\"}"'],
    [
      "https://s3.example/x?X-Amz-Signature=0fake0&a=1",
      "https://s3.example/x?X-Amz-Signature=[redacted]&a=1",
    ],
  ])("the credential in %s", (text, masked) => {
    expect(redactText(text)).toBe(masked);
  });

  test("the credential under a telling key of an object", () => {
    const value = { headers: { "api-key": "fake".repeat(5), Authorization: "Basic ZmFrZTpmYWtl" } };
    expect(redactJson(value)).toEqual({
      headers: { "api-key": "[redacted]", Authorization: "Basic [redacted]" },
    });
  });

  test("a private key, in lines or in JSON, and also one that was cut off", () => {
    const line = "FAKE".repeat(16);
    const pem = `-----BEGIN RSA PRIVATE KEY-----\n${line}\n${line}\n-----END RSA PRIVATE KEY-----`;
    expect(redactText(`before ${pem}\nafter`)).toBe("before [redacted]\nafter");
    expect(redactText(JSON.stringify({ pem, a: 1 }))).toBe('{"pem":"[redacted]","a":1}');
    expect(redactText(pem.slice(0, 150))).not.toContain("FAKE");
  });

  test("a password that holds an at sign", () => {
    expect(redactText("postgres://u:p@ss@host/x and me@example.org")).toBe(
      "postgres://u:[redacted]@host/x and me@example.org",
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
    "Use Authorization: Basic authentication, or an api-key: see below.",
    "const client = new OpenAI({ apiKey: process.env.OPENAI_API_KEY_2 });",
    "client = OpenAI(api_key=os.environ['KEY_1'], base_url=settings_of_the_company_2.url)",
    "api_key = read_the_key_from_vault_2(path)",
    "The header -----BEGIN PRIVATE KEY----- opens a PEM file, as everyone knows.",
    "npm_config_registry and npm_lifecycle_event are variables of npm",
    "disk_test_results, task_live_update",
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

describe("secrets of this process", () => {
  // The registry belongs to the process, so each test has a copy of the module of its own.
  const fresh = async () => {
    vi.resetModules();
    return import("../../src/core/redaction/index.ts");
  };
  afterEach(() => vi.resetModules());

  test("are masked wherever they occur, whatever their shape, longest first", async () => {
    const { redactJson, redactText, rememberSecret } = await fresh();
    expect(redactText("fake pass phrase")).toBe("fake pass phrase");
    rememberSecret("fake pass");
    rememberSecret(" fake pass phrase\n");
    expect(redactText("xfake pass phrasex, fake pass")).toBe("x[redacted]x, [redacted]");
    expect(redactJson({ "fake pass": ["fake pass phrase"] })).toEqual({
      "[redacted]": ["[redacted]"],
    });
  });

  test("are ignored when they are short, or a mask", async () => {
    const { redactText, rememberSecret } = await fresh();
    for (const value of ["", "unused", "1234567", "redacted", "[redacted]"]) rememberSecret(value);
    expect(redactText("unused 1234567 [redacted]")).toBe("unused 1234567 [redacted]");
  });

  test("are the values of variables named like secrets", async () => {
    const { redactText, rememberSecretsOf } = await fresh();
    rememberSecretsOf({
      X_API_KEY: "value-one",
      X_TOKEN: "value-two",
      X_SECRET: "value-three",
      AWS_SECRET_ACCESS_KEY: "value-four",
      PG_PASSWORD: "value-five",
      TOKEN: "value-eight",
      X_TOKENS: "value-six",
      PATH: "value-seven",
      Y_TOKEN: undefined,
      Z_TOKEN: "short",
    });
    const kept = "value-six value-seven short";
    expect(
      redactText(`value-one value-two value-three value-four value-five value-eight ${kept}`),
    ).toBe(`${"[redacted] ".repeat(6)}${kept}`);
  });

  test("leave JSON text JSON, with quotes and backslashes in the secret and before it", async () => {
    const { redactText, rememberSecret } = await fresh();
    for (const secret of ['a "quoted\\ fake', "naturally fake"]) {
      rememberSecret(secret);
      for (const before of ["", "\n", "\\", "\\\\"]) {
        const masked = redactText(JSON.stringify({ a: `${before}${secret}`, b: 1 }));
        expect(JSON.parse(masked)).toEqual({ a: `${before}[redacted]`, b: 1 });
      }
    }
    // Here the secret only seems to begin with the letter of a line break.
    const masked = redactText(JSON.stringify({ a: "x\naturally fake" }));
    expect(JSON.parse(masked)).toEqual({ a: "x[redacted]" });
  });
});

describe("long texts", () => {
  const LENGTH = 1_000_000;
  const fill = (piece: string) => piece.repeat(Math.ceil(LENGTH / piece.length));

  test.each([
    "word ",
    "a-",
    "a.b",
    "aB3-_",
    "-eyJabcdefghijkl",
    ".eyJabcdefghijkl",
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----AAAA",
    "://a:b",
    "a@",
    "bearer ",
    "bearer aaaaaaaaaaaaaaaaaaaa",
    "api_key=",
    "api_key=aaaaaaaaaaaaaaaaaaaaaaaa",
    "authorization: basic ",
    "?token&key",
    "\\",
    " ",
  ])("of %j are searched in a time that grows with their length alone", (piece) => {
    const started = performance.now();
    redactText(`://${fill(piece)}.`);
    redactText(`api_key=1${fill(piece)}.`);
    redactText(`-----BEGIN PRIVATE KEY-----${fill(piece)}.`);
    // Far above what it takes, far below what any quadratic search takes.
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe("ten million characters without a break", () => {
  const LONG = "a1B2".repeat(2_500_000);

  test.each([
    [`sk-proj-A1${LONG}`, "[redacted]"],
    [`password=${LONG}`, "password=[redacted]"],
    [`url=x&token=${LONG}&page=2`, "url=x&token=[redacted]&page=2"],
    [`${LONG} and ghp_${"Fake0".repeat(8)}`, `${LONG} and [redacted]`],
    [`${LONG.slice(0, 70_000)}.sk-proj-A1${LONG}) end`, `${LONG.slice(0, 70_000)}.[redacted]) end`],
  ])("are masked like any others", (text, masked) => {
    // As texts of their own: a difference of ten megabytes would be printed.
    expect(redactText(text) === masked).toBe(true);
  });

  test("are masked wherever the pieces that they are looked at in end", () => {
    const key = `ghp_${"Fake0".repeat(8)}`;
    const mask = (piece: string) => piece.replace(/ghp_[A-Za-z0-9]{30,}/g, "[redacted]");
    for (let before = 65_490; before < 65_540; before++) {
      const text = (inside: string) =>
        `${"x,".repeat(40_000).slice(-before)}${inside},${"y".repeat(200_000)}`;
      expect(inPieces(text(key), mask) === text("[redacted]")).toBe(true);
    }
  });

  test("stay JSON, and as they are where they hold nothing", () => {
    const value = { image: LONG, note: `"${LONG}\\n"`, key: `sk-proj-A1${LONG}` };
    expect(JSON.parse(redactText(JSON.stringify(value))) as object).toEqual({
      ...value,
      key: "[redacted]",
    });
  });
});
