// The public subpath `assay/tracing/langchain`; see tracing.ts for the import below.
import "../tracking/settings.ts";
import "./pricing.ts";

export {
  autolog,
  LangChainTracer,
  langchainTracer,
  stopAutolog,
  wrapEmbeddings,
} from "../tracing/langchain/index.ts";
