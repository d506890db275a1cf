import { parseBlocks, type Score, type Scorer } from "../../src/core/index.ts";
import type { ChatModel, ChatRequest, ChatResponse } from "../../src/models/index.ts";

/** The blocks of a request, by name. */
export function blocksOf({ messages }: ChatRequest): { [name: string]: string } {
  const blocks = messages.flatMap(({ content }) => parseBlocks(content));
  return Object.fromEntries(blocks.map(({ name, text }) => [name, text]));
}

/** A model whose answers depend on what it is shown; it keeps its requests. */
export function answering(
  answer: (blocks: { [name: string]: string }, request: ChatRequest) => string | ChatResponse,
  model = "test",
): ChatModel & { readonly calls: ChatRequest[] } {
  const calls: ChatRequest[] = [];
  return {
    uri: `test:/${model}`,
    provider: "test",
    model,
    calls,
    generate: async (request) => {
      calls.push(request);
      const reply = answer(blocksOf(request), request);
      return typeof reply === "string" ? { text: reply } : reply;
    },
  };
}

export async function scoresOf(
  judge: Scorer,
  sample: Parameters<Scorer>[0],
): Promise<readonly Score[]> {
  return [await judge(sample)].flat() as Score[];
}

/** Scores without their rationales, parts by name. */
export function briefly(scores: readonly Score[]): { [part: string]: unknown } {
  return Object.fromEntries(
    scores.map((score) => [
      score.part ?? "row",
      score.kind === "scored" ? score.value : score.reason,
    ]),
  );
}

export const yes = (verdict: boolean) =>
  JSON.stringify({ rationale: "Because.", verdict: verdict ? "yes" : "no" });
