export {
  autolog,
  CALLBACK_MANAGER,
  langchainTracer,
  stopAutolog,
  switchOnLangChain,
  withAutolog,
} from "./autolog.ts";
export { wrapEmbeddings } from "./embeddings.ts";
export { LangChainTracer } from "./handler.ts";
