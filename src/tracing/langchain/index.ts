export { autolog, langchainTracer, stopAutolog } from "./autolog.ts";
export { LangChainTracer } from "./handler.ts";
