// A retrieval-augmented LangChain app over the documents in corpus/, evaluated on data.jsonl.
//
//   npx assay eval datasets/internet-protocols/rag.eval.mjs
//
// It uses the model there is a key for (OPENAI_API_KEY, with OPENAI_BASE_URL for compatible servers, or
// ANTHROPIC_API_KEY), the one that ASSAY_DEMO_MODEL names, or an offline baseline that is not an LLM.
import { readdirSync, readFileSync } from "node:fs";
import { CallbackManager } from "@langchain/core/callbacks/manager";
import { SimpleChatModel } from "@langchain/core/language_models/chat_models";
import { StringOutputParser } from "@langchain/core/output_parsers";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { BaseRetriever } from "@langchain/core/retrievers";
import { RunnableLambda, RunnablePassthrough, RunnableSequence } from "@langchain/core/runnables";
import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import { MarkdownTextSplitter } from "@langchain/textsplitters";
import { defineEval } from "assay";
import { relevance } from "assay/judges";
import { ndcgAtK, precisionAtK, recallAtK } from "assay/metrics";
import { resolveModel } from "assay/models";

const CORPUS = new URL("corpus/", import.meta.url);

/** The model under test and the judge's, as model URIs. */
function chooseModels(env) {
  const named = env.ASSAY_DEMO_MODEL;
  if (named) return { answers: named, verdicts: named };
  if (env.OPENAI_API_KEY)
    return { answers: "openai:/gpt-4o-mini", verdicts: "openai:/gpt-4o-mini" };
  if (env.ANTHROPIC_API_KEY) {
    return { answers: "anthropic:/claude-haiku-4-5", verdicts: "anthropic:/claude-haiku-4-5" };
  }
  return { answers: "offline:/reader", verdicts: "offline:/lexical-judge" };
}

/** Any model that Assay can reach, as a LangChain chat model. */
class ModelByUri extends SimpleChatModel {
  constructor(uri) {
    super({});
    this.uri = uri;
  }

  _llmType() {
    return this.uri;
  }

  async _call(messages, _options, run) {
    this.model ??= resolveModel(this.uri, { env: process.env });
    const model = await this.model;
    const roles = { human: "user", ai: "assistant", system: "system" };
    const request = {
      messages: messages.map((message) => ({
        role: roles[message.getType()] ?? "user",
        content: message.text,
      })),
      parameters: { temperature: 0 },
    };
    // As a child of this run, so that the model's own span stands below LangChain's.
    const { text } = await AsyncLocalStorageProviderSingleton.runWithConfig(
      { callbacks: new CallbackManager(run?.runId) },
      () => model.generate(request),
    );
    return text;
  }
}

/** LangChain's own integration where the model has one. */
async function chatModel(uri) {
  const [provider, model] = uri.split(":/");
  if (provider === "openai") {
    const { ChatOpenAI } = await import("@langchain/openai");
    return new ChatOpenAI({ model, temperature: 0 });
  }
  if (provider === "anthropic") {
    const { ChatAnthropic } = await import("@langchain/anthropic");
    return new ChatAnthropic({ model, temperature: 0 });
  }
  return new ModelByUri(uri);
}

/** Splits every document into passages that know which document they come from. */
async function loadPassages() {
  const splitter = new MarkdownTextSplitter({ chunkSize: 700, chunkOverlap: 0 });
  const files = readdirSync(CORPUS).filter((name) => name.endsWith(".md"));
  const texts = files.map((name) => readFileSync(new URL(name, CORPUS), "utf8"));
  return splitter.createDocuments(
    texts,
    files.map((name) => ({ doc_id: name.replace(/\.md$/, "") })),
  );
}

/** Okapi BM25 over the passages (k1 = 1.2, b = 0.75), the best passage of each of the k best documents. */
class Bm25Retriever extends BaseRetriever {
  lc_namespace = ["assay", "demo"];

  constructor(passages, k) {
    super({});
    this.k = k;
    this.index = passages.map((passage) => ({ passage, words: wordsOf(passage.pageContent) }));
    this.meanLength =
      this.index.reduce((sum, { words }) => sum + words.length, 0) / this.index.length;
  }

  async _getRelevantDocuments(query) {
    const asked = [...new Set(wordsOf(query))];
    const weight = new Map(asked.map((word) => [word, this.rarity(word)]));
    const ranked = this.index
      .map(({ passage, words }) => ({ passage, score: this.score(words, weight) }))
      .sort((a, b) => b.score - a.score);
    const best = new Map();
    for (const { passage } of ranked) {
      const { doc_id } = passage.metadata;
      if (!best.has(doc_id)) best.set(doc_id, passage);
      if (best.size === this.k) break;
    }
    return [...best.values()];
  }

  rarity(word) {
    const holding = this.index.filter(({ words }) => words.includes(word)).length;
    return Math.log(1 + (this.index.length - holding + 0.5) / (holding + 0.5));
  }

  score(words, weight) {
    const length = 0.25 + 0.75 * (words.length / this.meanLength);
    let score = 0;
    for (const [word, rarity] of weight) {
      const count = words.filter((other) => other === word).length;
      score += (rarity * count * 2.2) / (count + 1.2 * length);
    }
    return score;
  }
}

function wordsOf(text) {
  return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}

const prompt = ChatPromptTemplate.fromMessages([
  [
    "system",
    "Answer the question from the passages alone, in at most two sentences. If they do not hold the answer, say: The documents do not say.\n\nPassages:\n{context}",
  ],
  ["human", "Question: {question}"],
]);

async function buildChain(answers) {
  const retriever = new Bm25Retriever(await loadPassages(), 3);
  const toText = (documents) => documents.map(({ pageContent }) => pageContent).join("\n\n");
  return RunnableSequence.from([
    RunnablePassthrough.assign({
      context: RunnableSequence.from([
        RunnableLambda.from(({ question }) => question).withConfig({ runName: "question" }),
        retriever,
        RunnableLambda.from(toText).withConfig({ runName: "join passages" }),
      ]).withConfig({ runName: "retrieve" }),
    }),
    prompt,
    await chatModel(answers),
    new StringOutputParser(),
  ]).withConfig({ runName: "rag chain" });
}

const { answers, verdicts } = chooseModels(process.env);

export default defineEval({
  name: "internet-protocols-rag",
  data: "data.jsonl",
  model: await buildChain(answers),
  modelType: "question-answering",
  judgeModel: verdicts,
  extraMetrics: [precisionAtK(3), recallAtK(3), ndcgAtK(3), relevance()],
  // The baseline copies sentences; a model that reads should do much better.
  gates: [answers.startsWith("offline:") ? "relevance/v1/mean >= 2.5" : "relevance/v1/mean >= 4"],
  tags: { answers, verdicts },
});
