export { isContentAttribute } from "./content-attributes.ts";
export { isMlflowTrace, readMlflowJson, writeMlflowJson } from "./mlflow-json.ts";
export { type ReadSpans, readOtlpJson, writeOtlpJson } from "./otlp-json.ts";
export { previewsOf, previewsOfJson } from "./previews.ts";
export { readAttributes, type SpanContent } from "./read-attributes.ts";
export { retrievedDocuments } from "./retrieved-documents.ts";
export { type UsageSpan, usageOfSpan, usageOfTrace } from "./usage.ts";
export { ATTRIBUTES, typeOfOperation } from "./vocabulary.ts";
export { OTLP_DIALECTS, type OtlpDialect } from "./write-dialects.ts";
