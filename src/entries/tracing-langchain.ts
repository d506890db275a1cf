// The public subpath `assay/tracing/langchain`; see tracing.ts for the import below.
import "../tracking/settings.ts";
import "./pricing.ts";

export {
  autolog,
  LangChainTracer,
  langchainTracer,
  stopAutolog,
} from "../tracing/langchain/index.ts";
