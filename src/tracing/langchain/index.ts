export {
  autolog,
  installLangChain,
  langchainTracer,
  stopAutolog,
  switchOnLangChain,
  withAutolog,
} from "./autolog.ts";
export { LangChainTracer } from "./handler.ts";
