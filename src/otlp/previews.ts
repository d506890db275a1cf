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

/** The same of values that are JSON already. */
export function previewsOfJson(json: {
  readonly inputs: string | undefined;
  readonly outputs: string | undefined;
}): Pick<TraceInfo, "requestPreview" | "responsePreview"> {
  return {
    ...(json.inputs !== undefined && { requestPreview: jsonPreview(json.inputs) }),
    ...(json.outputs !== undefined && { responsePreview: jsonPreview(json.outputs) }),
  };
}

function jsonPreview(json: string): string {
  return shortened(json.startsWith('"') ? (JSON.parse(json) as string) : json);
}

function preview(value: JsonValue): string {
  return shortened(typeof value === "string" ? value : JSON.stringify(value));
}

function shortened(text: string): string {
  return text.length <= PREVIEW_LENGTH ? text : `${text.slice(0, PREVIEW_LENGTH - 3)}...`;
}
