import {
  documentId,
  isPlainObject,
  type JsonObject,
  type JsonValue,
  type RetrievedDocument,
  type Span,
} from "../core/index.ts";
import { ancestorsOf, spansById } from "./ancestors.ts";

/**
 * What the retrievers of a trace returned, in order. A retriever inside another (a reranking or
 * ensemble retriever) is skipped: its documents reach the answer through the outer one.
 */
export function retrievedDocuments(spans: readonly Span[]): RetrievedDocument[] | undefined {
  const byId = spansById(spans);
  const isInner = (span: Span) =>
    [...ancestorsOf(span, byId)].some((ancestor) => ancestor.type === "RETRIEVER");
  const retrievers = spans.filter((span) => span.type === "RETRIEVER" && !isInner(span));
  if (retrievers.length === 0) return undefined;
  return retrievers.flatMap((span) => toDocuments(span.outputs));
}

/** Documents in any of the shapes libraries give them: strings, LangChain's, OpenInference's, plain `content`. */
export function toDocuments(value: JsonValue | undefined): RetrievedDocument[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((member: JsonValue) => toDocument(member) ?? []);
  return [toDocument(value) ?? []].flat();
}

function toDocument(value: JsonValue): RetrievedDocument | undefined {
  if (typeof value === "string") return { content: value };
  if (!isPlainObject(value)) return undefined;
  const document = (isPlainObject(value.document) ? value.document : value) as JsonObject;
  const content =
    document.content ?? document.pageContent ?? document.page_content ?? document.text;
  if (typeof content !== "string") return undefined;
  const metadata = isPlainObject(document.metadata) ? (document.metadata as JsonObject) : {};
  const id = documentId(document);
  const score = document.score ?? metadata.score;
  return {
    ...(id !== undefined && { id }),
    content,
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(typeof score === "number" && { score }),
  };
}
