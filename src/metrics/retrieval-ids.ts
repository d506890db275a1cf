import { documentId, idText } from "../core/documents.ts";
import type { JsonValue } from "../core/json.ts";
import type { ScorerInput } from "../core/score.ts";

/**
 * Ids of the retrieved documents, best first: `outputs` where that is a list of ids (or of documents
 * with ids), else the documents of `context`. A document without an id is `undefined`: it holds its
 * rank and is not relevant.
 *
 * @returns Undefined when there is no such list, or none of its documents has an id.
 */
export function retrievedIds({
  outputs,
  context,
}: Pick<ScorerInput, "outputs" | "context">): (string | undefined)[] | undefined {
  // A text in `outputs` is an id; one in `context` is what a document says.
  const ofOutput = (document: unknown) => idText(document) ?? documentId(document);
  return idsOf(outputs, ofOutput) ?? idsOf(context, documentId);
}

function idsOf(
  documents: unknown,
  idOf: (document: unknown) => string | undefined,
): (string | undefined)[] | undefined {
  if (!Array.isArray(documents)) return undefined;
  const ids = documents.map(idOf);
  return ids.length > 0 && ids.every((id) => id === undefined) ? undefined : ids;
}

/** Ids of the documents that should have been retrieved; undefined when the row does not say. */
export function relevantIds(expectations: ScorerInput["expectations"]): Set<string> | undefined {
  const expected: JsonValue | undefined =
    expectations.relevant_ids ?? expectations.expected_response;
  if (!Array.isArray(expected)) return undefined;
  return new Set((expected as readonly unknown[]).map(idText).filter((id) => id !== undefined));
}
