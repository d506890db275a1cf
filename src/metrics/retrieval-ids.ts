import { answerOf } from "../core/answer.ts";
import { documentId, idText } from "../core/documents.ts";
import { AssayError } from "../core/errors.ts";
import { isPlainObject, type JsonValue } from "../core/json.ts";
import type { ScorerInput } from "../core/score.ts";
import { readJson } from "./read-json.ts";

/** A document without an id holds its rank and is not relevant. */
export type RetrievedId = string | undefined;

/** Grades above 0 of the relevant documents, by id. */
export type Relevance = ReadonlyMap<string, number>;

/**
 * Ids of the retrieved documents, best first: `outputs` where that is a list of ids (or of documents
 * with ids), as JSON text too, else the documents of `context`.
 *
 * @returns Undefined when there is no such list, or none of its documents has an id.
 */
export function retrievedIds({
  outputs,
  context,
}: Pick<ScorerInput, "outputs" | "context">): RetrievedId[] | undefined {
  // A text in `outputs` is an id; one in `context` is what a document says.
  const ofOutput = (document: unknown) => idText(document) ?? documentId(document);
  return idsOf(parsed(answerOf(outputs)), ofOutput) ?? idsOf(context, documentId);
}

function idsOf(
  documents: unknown,
  idOf: (document: unknown) => string | undefined,
): RetrievedId[] | undefined {
  if (!Array.isArray(documents)) return undefined;
  const ids = documents.map(idOf);
  return ids.length > 0 && ids.every((id) => id === undefined) ? undefined : ids;
}

/**
 * What should have been retrieved: `expectations.relevance`, grades by id, else the list
 * `expectations.relevant_ids`, each of grade 1, as JSON text too; undefined when the row does not say.
 *
 * @throws {AssayError} `invalid-argument` for a grade that is no number from 0 and up.
 */
export function relevanceOf(expectations: ScorerInput["expectations"]): Relevance | undefined {
  const relevance = parsed(expectations.relevance);
  if (isPlainObject(relevance)) return gradesOf(relevance);
  const expected = parsed(expectations.relevant_ids ?? expectations.expected_response);
  if (!Array.isArray(expected)) return undefined;
  const ids = (expected as readonly unknown[]).map(idText).filter((id) => id !== undefined);
  return new Map(ids.map((id) => [id, 1]));
}

/** A table has lists and structures as text; a text that is neither is an id. */
function parsed(value: JsonValue | undefined): JsonValue | undefined {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  const read = readJson(value, {});
  return "value" in read ? read.value : value;
}

function gradesOf(relevance: { readonly [id: string]: unknown }): Relevance {
  const grades = new Map<string, number>();
  for (const [id, grade] of Object.entries(relevance)) {
    if (typeof grade !== "number" || !(grade >= 0) || grade === Number.POSITIVE_INFINITY) {
      throw new AssayError(
        "invalid-argument",
        `Expected grades from 0 and up in \`expectations.relevance\`, got ${typeof grade === "number" ? grade : typeof grade}`,
      );
    }
    if (grade > 0) grades.set(id, grade);
  }
  return grades;
}
