// #region trace-langchain
import { StringOutputParser } from "@langchain/core/output_parsers";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { ChatOpenAI } from "@langchain/openai";
import { flushTraces, setExperiment } from "assay";
import { autolog } from "assay/tracing/langchain";

await autolog(); // every LangChain run of this process becomes a trace
setExperiment("support-bot");

const chain = ChatPromptTemplate.fromTemplate("Answer briefly: {question}")
  .pipe(new ChatOpenAI({ model: "gpt-4o-mini" }))
  .pipe(new StringOutputParser());

console.log(await chain.invoke({ question: "What is a trace?" }));
await flushTraces(); // before a short-lived process ends
// #endregion trace-langchain
