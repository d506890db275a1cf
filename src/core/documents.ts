import { isPlainObject } from "./json.ts";

/**
 * The id of a retrieved document, wherever its library keeps it. `metadata.doc_id` comes first: it is
 * what the document's owner chose, where `id` may be a number that the vector store gave to a chunk.
 */
export function documentId(document: unknown): string | undefined {
  if (!isPlainObject(document)) return undefined;
  const metadata = isPlainObject(document.metadata) ? document.metadata : {};
  return [metadata.doc_id, document.id, metadata.id, metadata.doc_uri, metadata.source]
    .map(idText)
    .find((id) => id !== undefined);
}

/** An id as text: datasets write the same one as number and as text. */
export function idText(id: unknown): string | undefined {
  return typeof id === "string" || typeof id === "number" ? String(id) : undefined;
}
