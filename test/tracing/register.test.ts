import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeStores, storeAt } from "../../src/tracking/index.ts";
import { type ReplayServer, startReplayServer } from "../support/replay-server.ts";
import { endOf, newProject, type Project } from "../support/run-cli.ts";
import { anthropicMessage, chat } from "./exchanges.ts";

let server: ReplayServer;
let project: Project;
beforeAll(async () => {
  server = await startReplayServer();
  project = newProject();
});
afterAll(async () => {
  await closeStores();
  await server.close();
  project.remove();
});

test("node --import assay/register traces both copies of the SDKs, and LangChain, untouched", async () => {
  const url = server.serve(chat);
  const anthropic = server.serve(anthropicMessage);
  const root = JSON.stringify(fileURLToPath(new URL("../../package.json", import.meta.url)));
  const file = project.write(
    "app.mjs",
    `
import { createRequire } from "node:module";
import OpenAI from "openai";
import { RunnableLambda } from "@langchain/core/runnables";
const { OpenAI: CommonOpenAI } = createRequire(import.meta.url)("openai");
const require = createRequire(${root});
const Anthropic = require("@anthropic-ai/sdk").default;
const body = ${JSON.stringify(chat.request.body)};
const options = { apiKey: "k", baseURL: ${JSON.stringify(`${url}/v1`)} };
await new OpenAI(options).chat.completions.create(body);
await new CommonOpenAI(options).chat.completions.create(body);
await new Anthropic({ apiKey: "k", baseURL: ${JSON.stringify(anthropic)} })
  .messages.create(${JSON.stringify(anthropicMessage.request.body)});
console.log(await RunnableLambda.from(async (x) => x + 1).invoke(1));
`,
  );
  const child = spawn(process.execPath, ["--import", "assay/register", file], {
    cwd: project.folder,
    env: { PATH: process.env.PATH ?? "" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { code, stdout, stderr } = await endOf(child);
  expect([code, stdout, stderr]).toEqual([0, "2\n", ""]);
  const store = await storeAt(`sqlite:///${join(project.folder, "assay.db")}`);
  const { items } = await store.traces.searchTraces({ orderBy: ["timestamp_ms"] });
  expect(items.map(({ name, state, spanCount }) => [name, state, spanCount])).toEqual([
    ["chat gpt-test", "OK", 1],
    ["chat gpt-test", "OK", 1],
    ["chat claude-test", "OK", 1],
    ["RunnableLambda", "OK", 1],
  ]);
});
