import { Document } from "@langchain/core/documents";
import { Embeddings } from "@langchain/core/embeddings";
import { VectorStore } from "@langchain/core/vectorstores";
import { OpenAIEmbeddings } from "@langchain/openai";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { usageOfTrace } from "../../src/otlp/index.ts";
import { withSpan } from "../../src/tracing/index.ts";
import { autolog, stopAutolog, wrapEmbeddings } from "../../src/tracing/langchain/index.ts";
import * as openai from "../../src/tracing/openai/index.ts";
import { type Exchange, type ReplayServer, startReplayServer } from "../support/replay-server.ts";
import { captureTrace, spanNamed, treeOf } from "./captured-traces.ts";

class LetterEmbeddings extends Embeddings {
  readonly model = "letters-1";
  constructor() {
    super({});
  }
  async embedQuery(text: string): Promise<number[]> {
    if (text === "") throw new RangeError("nothing to embed");
    return [text.length, text.charCodeAt(0), 1];
  }
  async embedDocuments(texts: string[]): Promise<number[][]> {
    return Promise.all(texts.map((text) => this.embedQuery(text)));
  }
}

/** Keeps what it is given and finds all of it. */
class ListStore extends VectorStore {
  readonly #documents: Document[] = [];
  _vectorstoreType(): string {
    return "list";
  }
  async addVectors(_vectors: number[][], documents: Document[]): Promise<void> {
    this.#documents.push(...documents);
  }
  async addDocuments(documents: Document[]): Promise<void> {
    const texts = documents.map(({ pageContent }) => pageContent);
    await this.addVectors(await this.embeddings.embedDocuments(texts), documents);
  }
  async similaritySearchVectorWithScore(_query: number[], k: number) {
    return this.#documents.slice(0, k).map((one): [Document, number] => [one, 1]);
  }
}

const exchange: Exchange = {
  id: "embeddings",
  endpoint: "embeddings",
  request: { path: "/v1/embeddings", body: {} },
  response: {
    status: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      object: "list",
      model: "text-embedding-test",
      data: [{ object: "embedding", index: 0, embedding: [0.1, 0.2] }],
      usage: { prompt_tokens: 6, total_tokens: 6 },
    }),
  },
};

let server: ReplayServer;
beforeAll(async () => {
  server = await startReplayServer();
});
afterAll(() => server.close());
afterEach(() => {
  stopAutolog();
  openai.stopAutolog();
});

describe("embeddings of LangChain", () => {
  test("are spans inside the retriever that asks for them, with autolog", async () => {
    await autolog();
    const store = new ListStore(new LetterEmbeddings(), {});
    const retriever = store.asRetriever();
    const captured = await captureTrace(() =>
      withSpan(
        async () => {
          await store.addDocuments([new Document({ pageContent: "port 8080" })]);
          await retriever.invoke("which?");
        },
        { name: "app" },
      ),
    );
    expect(treeOf(captured)).toEqual([
      {
        "app UNKNOWN": [
          { "LetterEmbeddings EMBEDDING": [] },
          { "VectorStoreRetriever RETRIEVER": [{ "LetterEmbeddings EMBEDDING": [] }] },
        ],
      },
    ]);
    const [ofDocuments, ofQuery] = captured.spans.filter(({ type }) => type === "EMBEDDING");
    expect(ofDocuments).toMatchObject({
      inputs: ["port 8080"],
      outputs: { count: 1, dimensions: 3 },
      attributes: { "gen_ai.operation.name": "embeddings", "gen_ai.request.model": "letters-1" },
    });
    expect(ofQuery).toMatchObject({ inputs: "which?", outputs: { count: 1, dimensions: 3 } });
  });

  test("are no spans any more once it is stopped", async () => {
    const captured = await captureTrace(() =>
      withSpan(() => new LetterEmbeddings().embedQuery("x"), { name: "app" }),
    );
    expect(treeOf(captured)).toEqual([{ "app UNKNOWN": [] }]);
  });

  test("of one object that is wrapped are, and fail as they would", async () => {
    const embeddings = wrapEmbeddings(new LetterEmbeddings());
    const captured = await captureTrace(() =>
      withSpan(
        async () => {
          expect(await embeddings.embedQuery("abc")).toEqual([3, 97, 1]);
          await expect(embeddings.embedQuery("")).rejects.toThrow(RangeError);
          await new LetterEmbeddings().embedQuery("not wrapped");
        },
        { name: "app" },
      ),
    );
    expect(captured.spans.map(({ name, status }) => [name, status])).toEqual([
      ["app", "UNSET"],
      ["LetterEmbeddings", "UNSET"],
      ["LetterEmbeddings", "ERROR"],
    ]);
    expect(() => wrapEmbeddings({})).toThrow("embedQuery");
  });

  test("are one span each where the SDK is traced too, with the tokens that it tells", async () => {
    await openai.autolog();
    const embeddings = wrapEmbeddings(
      new OpenAIEmbeddings({
        model: "text-embedding-test",
        apiKey: "k",
        maxRetries: 0,
        encodingFormat: "float",
        configuration: { baseURL: `${server.serve(exchange)}/v1` },
      }),
    );
    const captured = await captureTrace(() =>
      withSpan(() => embeddings.embedQuery("which?"), { name: "app" }),
    );
    expect(treeOf(captured)).toEqual([{ "app UNKNOWN": [{ "OpenAIEmbeddings EMBEDDING": [] }] }]);
    expect(spanNamed(captured, "OpenAIEmbeddings").attributes).toMatchObject({
      "gen_ai.usage.input_tokens": 6,
      "gen_ai.response.model": "text-embedding-test",
    });
    expect(usageOfTrace(captured.spans)).toMatchObject({ inputTokens: 6 });
  });
});
