import {
  type RetrievedDocument,
  type Score,
  type ScorerInput,
  toDocuments,
} from "../../core/index.ts";
import { asPart, notApplicable, type Procedure, shareOf, withParts } from "../procedure.ts";
import { contextOf } from "../row-texts.ts";
import { retrieverName, retrieversOf } from "./retrievers.ts";

/**
 * A verdict on each retrieved document; the row's is their mean, which with yes and no is the precision of
 * the retrieval. Where there are several retrievers, each has its own as a part.
 */
export const PER_DOCUMENT: Procedure = {
  name: "documents",
  verdicts: (sample) => documentsOf(sample).length,
  run: async ({ sample, texts, verdict }) => {
    const whole = texts();
    if ("missing" in whole) return [notApplicable(whole.missing)];
    const documents = documentsOf(sample);
    const parts = await Promise.all(
      documents.map(async (document, index) => {
        const given = texts(new Map([["context", document.content]]));
        const part = documentName(document, index);
        return "missing" in given
          ? { ...notApplicable(given.missing), part }
          : asPart(await verdict(given.found), part);
      }),
    );
    const scores = withParts(parts, (values) => shareOf(values, "documents"));
    return [...scores, ...perRetriever(sample, parts)];
  },
};

function documentsOf(sample: ScorerInput): RetrievedDocument[] {
  return toDocuments(contextOf(sample));
}

function documentName({ id }: RetrievedDocument, index: number): string {
  return `document ${index + 1}${id === undefined ? "" : `: ${id}`}`;
}

/** The documents of a trace stand in the order of its retrievers. */
function perRetriever(sample: ScorerInput, parts: readonly Score[]): Score[] {
  const spans = retrieversOf(sample);
  if (spans.length < 2) return [];
  let start = 0;
  return spans.map((span, index) => {
    const count = toDocuments(span.outputs).length;
    const [own] = withParts(parts.slice(start, start + count), (values) =>
      shareOf(values, "documents"),
    );
    start += count;
    return { ...(own as Score), part: retrieverName(span, index) };
  });
}
