import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type Anthropic from "@anthropic-ai/sdk";
import type OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { anthropicModel } from "../../src/models/anthropic.ts";
import { openaiModel } from "../../src/models/openai.ts";
import { wrap as wrapAnthropic } from "../../src/tracing/anthropic/index.ts";
import { startTracing } from "../../src/tracing/index.ts";
import { wrap as wrapOpenAI } from "../../src/tracing/openai/index.ts";
import { closeStores, storeAt } from "../../src/tracking/index.ts";
import { type Exchange, type ReplayServer, startReplayServer } from "../support/replay-server.ts";
import { endOf } from "../support/run-cli.ts";
import { hasRecordedExchanges, readSharedLines, sharedPath } from "../support/shared.ts";
import { captureTraces } from "../tracing/captured-traces.ts";
import * as exchanges from "../tracing/exchanges.ts";
import { modelSpans, replay } from "../tracing/recorded-calls.ts";
import { type Installed, install } from "./installed.ts";

// The first and the last version of each major that the documentation names; 0.137 of Anthropic's traces itself.
const VERSIONS = [
  ["openai", "5.0.1"],
  ["openai", "5"],
  ["openai", "6.0.0"],
  ["openai", "6"],
  ["openai", "7"],
  ["@anthropic-ai/sdk", "0.122.0"],
  ["@anthropic-ai/sdk", "0.137.0"],
  ["@anthropic-ai/sdk", "1.0.0"],
  ["@anthropic-ai/sdk", "1"],
] as const;

type Client = OpenAI | Anthropic;

const parent = mkdtempSync(join(tmpdir(), "assay-peers-"));
let server: ReplayServer;
beforeAll(async () => {
  // Models of old recordings are deprecated, which the SDK says each time.
  vi.spyOn(console, "warn").mockReturnValue(undefined);
  server = await startReplayServer();
  startTracing();
});
afterAll(async () => {
  await closeStores();
  await server.close();
  rmSync(parent, { recursive: true });
});

const FOLDER = "fixtures/exchanges";

/** Our own hand-written ones, and the recorded ones where they are there. */
function exchangesFor(isAnthropic: boolean): Exchange[] {
  const own = Object.values(exchanges).filter(
    (value): value is Exchange => typeof value === "object" && "endpoint" in value,
  );
  const files = hasRecordedExchanges
    ? readdirSync(sharedPath(FOLDER)).filter((name) => name.endsWith(".jsonl.gz"))
    : [];
  const recorded = files.flatMap((name) => readSharedLines<Exchange>(`${FOLDER}/${name}`));
  return [...own, ...recorded].filter(({ endpoint }) => (endpoint === "messages") === isAnthropic);
}

describe.each(VERSIONS)("%s %s", (packageName, wanted) => {
  const isAnthropic = packageName !== "openai";
  let sdk: Installed | undefined;
  let newClient: (url: string) => Client;
  beforeAll(async () => {
    sdk = await install(parent, packageName, wanted);
    if (sdk === undefined) return;
    const { default: Sdk } = (await import(/* @vite-ignore */ pathToFileURL(sdk.entry).href)) as {
      default: new (options: object) => Client;
    };
    newClient = (url) =>
      new Sdk({ baseURL: isAnthropic ? url : `${url}/v1`, apiKey: "test", maxRetries: 0 });
  });

  test("is recorded once for each call, and gives the program what it gives without", async (context) => {
    if (sdk === undefined) return context.skip("the package registry cannot be reached");
    const all = exchangesFor(isAnthropic);
    expect(all.length).toBeGreaterThan(3);
    for (const exchange of all) {
      const url = server.serve(exchange);
      const bare = await replay(exchange, newClient(url));
      const traced = isAnthropic ? wrapAnthropic(newClient(url)) : wrapOpenAI(newClient(url));
      let seen: typeof bare | undefined;
      const { traces } = await captureTraces(async () => {
        seen = await replay(exchange, traced);
      });
      expect([exchange.id, JSON.stringify(seen)]).toEqual([exchange.id, JSON.stringify(bare)]);
      const spans = modelSpans(traces).map(({ status }) => status);
      const status = bare.thrown === undefined ? "UNSET" : "ERROR";
      expect([exchange.id, spans]).toEqual([exchange.id, [status]]);
    }
  });

  test("answers as a model of Assay's", async (context) => {
    if (sdk === undefined) return context.skip("the package registry cannot be reached");
    const exchange = isAnthropic ? exchanges.anthropicMessage : exchanges.chat;
    const client = newClient(server.serve(exchange));
    const options = { model: "m" };
    const model = isAnthropic
      ? anthropicModel(client as unknown as Parameters<typeof anthropicModel>[0], options)
      : openaiModel(client as unknown as Parameters<typeof openaiModel>[0], options);
    const { text } = await model.generate({ messages: [{ role: "user", content: "Count" }] });
    expect(text).toBe(isAnthropic ? "five" : "1 2 3 4 5");
  });

  test("is traced by assay/register", async (context) => {
    if (sdk === undefined) return context.skip("the package registry cannot be reached");
    const exchange = isAnthropic ? exchanges.anthropicMessage : exchanges.chat;
    const url = server.serve(exchange);
    const call = isAnthropic ? "messages" : "chat.completions";
    const program = join(sdk.folder, "app.mjs");
    writeFileSync(
      program,
      `
import { createRequire } from "node:module";
import Module from ${JSON.stringify(packageName)};
const { default: CommonJs } = createRequire(import.meta.url)(${JSON.stringify(packageName)});
for (const Sdk of [Module, CommonJs]) {
  const client = new Sdk({ apiKey: "k", baseURL: ${JSON.stringify(isAnthropic ? url : `${url}/v1`)} });
  await client.${call}.create(${JSON.stringify(exchange.request.body)});
}
`,
    );
    const register = new URL("../../dist/entries/register.js", import.meta.url);
    const child = spawn(process.execPath, ["--import", fileURLToPath(register), program], {
      cwd: sdk.folder,
      env: { PATH: process.env.PATH ?? "" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const { code, stderr } = await endOf(child);
    expect([code, stderr]).toEqual([0, ""]);
    const { traces } = await storeAt(`sqlite:///${join(sdk.folder, "assay.db")}`);
    const { items } = await traces.searchTraces({});
    expect(items.map(({ state, spanCount }) => [state, spanCount])).toEqual([
      ["OK", 1],
      ["OK", 1],
    ]);
  });
});
