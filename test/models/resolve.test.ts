import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { redactText } from "../../src/core/index.ts";
import { resolveModel } from "../../src/models/index.ts";
import { loadSdk } from "../../src/models/load-sdk.ts";

let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "assay-sdk-"));
  const install = (name: string, source: string) => {
    const directory = join(project, "node_modules", name);
    mkdirSync(directory, { recursive: true });
    const manifest = { name, version: "1.0.0", main: "index.cjs" };
    writeFileSync(join(directory, "package.json"), JSON.stringify(manifest));
    writeFileSync(join(directory, "index.cjs"), source);
  };
  install("assay-fake-sdk", "module.exports = { from: 'the project' };");
  install("assay-broken-sdk", "throw new Error('bad build');");
});

afterAll(() => rmSync(project, { recursive: true }));

test.each([
  ["openai:/m", "OPENAI_API_KEY"],
  ["anthropic:/m", "ANTHROPIC_API_KEY"],
  ["openai-compatible:/m?base_url=http://127.0.0.1:9/v1&api_key_env=MY_KEY", "MY_KEY"],
])("%s without its key says which variable to set", async (uri, name) => {
  for (const env of [{}, { [name]: " " }]) {
    await expect(resolveModel(uri, { env })).rejects.toMatchObject({
      code: "configuration",
      message: expect.stringContaining(`${name} is not set; export ${name}=`),
    });
  }
});

test("a base URL does not stand in for OpenAI's key", async () => {
  const env = { OPENAI_BASE_URL: "http://127.0.0.1:9/v1" };
  await expect(resolveModel("openai:/m", { env })).rejects.toThrow("OPENAI_API_KEY is not set");
});

test("keys and base URLs come from the given environment alone", async () => {
  const before = { ...process.env };
  process.env.OPENAI_API_KEY = "of-the-process";
  try {
    await expect(resolveModel("openai:/m", { env: {} })).rejects.toThrow("is not set");
  } finally {
    process.env = before;
  }
});

test("a model shows its URI, provider and requested model", async () => {
  const model = await resolveModel("openai:/gpt-4o-mini", { env: { OPENAI_API_KEY: "k" } });
  expect(model).toMatchObject({
    uri: "openai:/gpt-4o-mini",
    provider: "openai",
    model: "gpt-4o-mini",
  });
  expect(model.note).toBeUndefined();
});

test("the offline models need nothing and say what they are", async () => {
  for (const name of ["reader", "lexical-judge"]) {
    const model = await resolveModel(`offline:/${name}`, { env: {} });
    expect(model).toMatchObject({ uri: `offline:/${name}`, note: "offline baseline, not an LLM" });
  }
});

test("a missing SDK is a configuration error with the command that installs it", async () => {
  await expect(loadSdk("@assay-test/absent", project)).rejects.toMatchObject({
    code: "configuration",
    message:
      'The package "@assay-test/absent" is not installed; run `npm install @assay-test/absent`.',
  });
});

test("an SDK that only the user's project has is found there", async () => {
  expect(await loadSdk("assay-fake-sdk", project)).toMatchObject({
    default: { from: "the project" },
  });
});

test("an SDK that is there but does not load is told apart from a missing one", async () => {
  await expect(loadSdk("assay-broken-sdk", project)).rejects.toMatchObject({
    code: "configuration",
    message: expect.stringContaining("is installed but cannot be loaded"),
    cause: expect.objectContaining({ message: "bad build" }),
  });
});

test.each([
  ["openai:/m", "OPENAI_API_KEY"],
  ["anthropic:/m", "ANTHROPIC_API_KEY"],
  ["openai-compatible:/m?base_url=http://127.0.0.1:9/v1&api_key_env=MY_OWN", "MY_OWN"],
])("the key of %s is masked from then on, whatever its shape", async (uri, name) => {
  const key = `opaque value of ${name}`;
  expect(redactText(key)).toBe(key);
  await resolveModel(uri, { env: { [name]: key } });
  expect(redactText(`rejected ${key}!`)).toBe("rejected [redacted]!");
});
