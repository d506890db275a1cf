import type { JsonValue, Span, TraceInfo } from "../core/index.ts";

const PREVIEW_LENGTH = 1000;

/** The beginnings of a span's inputs and outputs, at most 1,000 characters each. */
export function previewsOf(
  span: Pick<Span, "inputs" | "outputs">,
): Pick<TraceInfo, "requestPreview" | "responsePreview"> {
  return {
    ...(span.inputs !== undefined && { requestPreview: preview(span.inputs) }),
    ...(span.outputs !== undefined && { responsePreview: preview(span.outputs) }),
  };
}

function preview(value: JsonValue): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length <= PREVIEW_LENGTH ? text : `${text.slice(0, PREVIEW_LENGTH - 3)}...`;
}
