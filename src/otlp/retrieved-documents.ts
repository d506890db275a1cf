import { outerRetrievers, type RetrievedDocument, type Span, toDocuments } from "../core/index.ts";

/** What the retrievers of a trace returned, in order, those inside another one aside. */
export function retrievedDocuments(spans: readonly Span[]): RetrievedDocument[] | undefined {
  const retrievers = outerRetrievers(spans);
  if (retrievers.length === 0) return undefined;
  return retrievers.flatMap((span) => toDocuments(span.outputs));
}
