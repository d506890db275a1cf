// The public subpath `assay/tracing/openai`; see tracing.ts for the import below.
import "../tracking/settings.ts";
import "./pricing.ts";

export { autolog, type InstrumentOptions, stopAutolog, wrap } from "../tracing/openai/index.ts";
