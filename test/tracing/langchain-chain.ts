import { Document } from "@langchain/core/documents";
import { StringOutputParser } from "@langchain/core/output_parsers";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { BaseRetriever } from "@langchain/core/retrievers";
import { type Runnable, RunnableLambda, RunnableSequence } from "@langchain/core/runnables";
import { ChatOpenAI } from "@langchain/openai";

/** Returns one document that repeats the query. */
export class EchoRetriever extends BaseRetriever {
  lc_namespace = ["tests"];
  static override lc_name(): string {
    return "EchoRetriever";
  }
  override async _getRelevantDocuments(query: string): Promise<Document[]> {
    const metadata = { source: `${query}.md` };
    return [new Document({ pageContent: `about ${query}`, metadata, id: `id-${query}` })];
  }
}

/** ChatOpenAI against a server of the tests. */
export function chatModel(baseURL: string): ChatOpenAI {
  return new ChatOpenAI({
    model: "test-model",
    apiKey: "key-of-the-langchain-test",
    temperature: 0,
    maxRetries: 0,
    configuration: { baseURL },
  });
}

/** retriever -> prompt -> chat model -> parser, over a question. */
export function answerChain(model: Runnable): Runnable<string, string> {
  const toVariables = RunnableLambda.from((documents: Document[]) => ({
    context: documents.map((document) => document.pageContent).join("\n"),
  })).withConfig({ runName: "to variables" });
  const prompt = ChatPromptTemplate.fromMessages([
    ["system", "Answer from the context."],
    ["human", "{context}"],
  ]);
  return RunnableSequence.from([
    new EchoRetriever(),
    toVariables,
    prompt,
    model,
    new StringOutputParser(),
  ]) as Runnable<string, string>;
}
