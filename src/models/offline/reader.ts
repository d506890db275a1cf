import type { ChatModel } from "../chat-model.ts";
import { readingTask } from "./conversation.ts";
import { offlineModel } from "./offline-model.ts";
import { contentWords, sentences } from "./text.ts";

const NO_ANSWER = "The documents do not say.";

/** Share of the question's weight that a sentence must cover before it counts as an answer. */
const ENOUGH = 0.2;

/**
 * `offline:/reader`: answers a question with the sentence of the given passages that shares the most
 * words with it, rare words counting more. It reads and writes nothing else, and is deterministic.
 */
export function reader(): ChatModel {
  return offlineModel("reader", ({ messages }) => {
    const { question, passages } = readingTask(messages);
    return bestSentence(question, passages) ?? NO_ANSWER;
  });
}

/** The sentence that covers most of the question's weight; the earlier and shorter of equals. */
function bestSentence(question: string, passages: string): string | undefined {
  const candidates = sentences(passages)
    .map((text) => ({ text: plain(text), words: new Set(contentWords(text)) }))
    // A heading or a fragment repeats the question's words without answering anything.
    .filter(({ text, words }) => words.size >= 3 && !text.endsWith("?") && !text.endsWith(":"));
  const asked = [...new Set(contentWords(question))];
  const weight = new Map(
    asked.map((word) => {
      const holding = candidates.filter(({ words }) => words.has(word)).length;
      return [word, Math.log(1 + candidates.length / (1 + holding))];
    }),
  );
  const total = asked.reduce((sum, word) => sum + (weight.get(word) ?? 0), 0);
  if (total === 0) return undefined;
  let best: { text: string; score: number } | undefined;
  for (const { text, words } of candidates) {
    const shared = asked.filter((word) => words.has(word));
    const coverage = shared.reduce((sum, word) => sum + (weight.get(word) ?? 0), 0) / total;
    // Long sentences meet more words by chance.
    const score = coverage - 0.002 * words.size;
    if (coverage >= ENOUGH && (best === undefined || score > best.score)) best = { text, score };
  }
  return best?.text;
}

/** Without the marks of lists, quotes and headings. */
function plain(sentence: string): string {
  return sentence.replace(/^(?:[-*+•>]|\d+[.)]|#{1,6}|\[\d+\])\s+/, "").trim();
}
