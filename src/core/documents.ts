import { isPlainObject, type JsonObject } from "./json.ts";
import type { RetrievedDocument } from "./score.ts";

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

/** Documents in any of the shapes libraries give them: strings, LangChain's, OpenInference's, plain `content`. */
export function toDocuments(value: unknown): RetrievedDocument[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((member) => toDocument(member) ?? []);
  return [toDocument(value) ?? []].flat();
}

function toDocument(value: unknown): RetrievedDocument | undefined {
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
