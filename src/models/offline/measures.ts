import { contentWords, tokenF1 } from "./text.ts";

export interface Judged {
  readonly outputs: string;
  readonly question?: string;
  readonly reference?: string;
  readonly context?: string;
}

interface Measurement {
  /** In [0, 1]; 1 is best. */
  readonly share: number;
  /** What was counted, in words, with the counts. */
  readonly measured: string;
}

/**
 * With a reference: token F1 against it. With a context: how much of the answer it supports. With a
 * question only, or for a judge named after relevance: how much of the question the answer takes up.
 */
export function measure(judged: Judged, judgeName = ""): Measurement {
  const { outputs, question, reference, context } = judged;
  if (reference !== undefined) return agreement(outputs, reference);
  const aboutRelevance = /relevan/i.test(judgeName) || context === undefined;
  if (question !== undefined && aboutRelevance) return relevance(outputs, question, context);
  if (context !== undefined) return support(outputs, context);
  return {
    share: 0,
    measured: "there was neither a question, a context nor a reference to compare with.",
  };
}

function agreement(outputs: string, reference: string): Measurement {
  const share = tokenF1(outputs, reference);
  return {
    share,
    measured: `token F1 of the answer against the reference is ${share.toFixed(2)}.`,
  };
}

function support(outputs: string, context: string): Measurement {
  const said = contentWords(outputs);
  const known = new Set(contentWords(context));
  const supported = said.filter((word) => known.has(word)).length;
  return {
    share: said.length === 0 ? 0 : supported / said.length,
    measured: `${supported} of the answer's ${said.length} content words occur in the context.`,
  };
}

/** The geometric mean of two shares, so that neither an echo of the question nor an answer to another one scores. */
function relevance(outputs: string, question: string, context: string | undefined): Measurement {
  const asked = new Set(contentWords(question));
  const said = new Set(contentWords(outputs));
  const added = [...said].filter((word) => !asked.has(word));
  const known = new Set(context === undefined ? added : contentWords(context));
  const useful = added.filter((word) => known.has(word)).length;
  const taken = [...asked].filter((word) => said.has(word)).length;
  const overlap = asked.size === 0 ? 0 : taken / asked.size;
  const adds = added.length === 0 ? 0 : useful / added.length;
  const source = context === undefined ? "" : `, ${useful} of them found in the context`;
  return {
    share: Math.sqrt(overlap * adds),
    measured: `the answer takes up ${taken} of the question's ${asked.size} content words and adds ${added.length} of its own${source}.`,
  };
}
