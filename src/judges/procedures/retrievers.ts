import {
  outerRetrievers,
  type Score,
  type ScorerInput,
  type Span,
  toDocuments,
} from "../../core/index.ts";
import { asPart, notApplicable, type Procedure } from "../procedure.ts";
import { contextText } from "../row-texts.ts";

/**
 * The verdict on what all retrievers returned together, and, where there are several, on each by itself:
 * an answer drawn from two retrievers is supported by neither alone.
 */
export const PER_RETRIEVER: Procedure = {
  name: "retrievers",
  verdicts: (sample) => {
    const count = retrieversOf(sample).length;
    return count > 1 ? count + 1 : 1;
  },
  run: async ({ sample, texts, verdict }) => {
    const whole = texts();
    if ("missing" in whole) return [notApplicable(whole.missing)];
    const spans = retrieversOf(sample);
    if (spans.length < 2) return verdict(whole.found);
    const judgedSpan = async (span: Span, index: number): Promise<Score> => {
      const part = retrieverName(span, index);
      const context = contextText(toDocuments(span.outputs));
      if (context === undefined) return { ...notApplicable("it returned nothing"), part };
      const given = texts(new Map([["context", context]]));
      return "missing" in given
        ? { ...notApplicable(given.missing), part }
        : asPart(await verdict(given.found), part);
    };
    const [[main], parts] = await Promise.all([
      verdict(whole.found),
      Promise.all(spans.map(judgedSpan)),
    ]);
    return [main as Score, ...parts];
  },
};

/** Those that the context of the row is of: a `context` column stands for itself. */
export function retrieversOf({ row, trace }: ScorerInput): Span[] {
  const isColumn = row.context !== undefined && row.context !== null;
  return isColumn || trace === undefined ? [] : outerRetrievers(trace.spans);
}

export function retrieverName({ name }: Span, index: number): string {
  return `retriever ${index + 1}: ${name}`;
}
