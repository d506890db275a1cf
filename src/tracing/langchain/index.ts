export { autolog, langchainTracer, stopAutolog, withAutolog } from "./autolog.ts";
export { LangChainTracer } from "./handler.ts";
