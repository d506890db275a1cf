export { toAnnotations, toErrorAnnotation, toOutputs } from "./github.ts";
export { toHtml } from "./html.ts";
export { reportJsonSchema } from "./json-schema.ts";
export { toJUnit } from "./junit.ts";
export { toMarkdown } from "./markdown.ts";
export {
  type Block,
  type EvaluationReport,
  labelOf,
  type Outcome,
  outcomeOf,
  type ReportDocument,
  reportDocument,
} from "./report.ts";
