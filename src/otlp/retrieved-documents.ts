import { type RetrievedDocument, type Span, toDocuments } from "../core/index.ts";
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
