import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { onTestFinished } from "vitest";
import type { Score, Scorer } from "../../src/core/index.ts";
import { anthropicModel, type ChatModel, openaiModel } from "../../src/models/index.ts";
import {
  type ReplayServer,
  type ReplayServerOptions,
  startReplayServer,
} from "../../src/testing/replay-server.ts";

/**
 * A server of recorded replies, gone with the test, and a model that asks it through the caller's own
 * client, which nothing paces.
 */
export async function replaying(
  options: ReplayServerOptions,
  provider: "openai" | "anthropic" = "openai",
): Promise<{ server: ReplayServer; model: ChatModel }> {
  const server = await startReplayServer(options);
  onTestFinished(() => server.close());
  const settings = { apiKey: "key-of-the-test", maxRetries: 0 };
  const model =
    provider === "openai"
      ? openaiModel(new OpenAI({ ...settings, baseURL: `${server.url}/v1` }), { model: "gpt-4" })
      : anthropicModel(new Anthropic({ ...settings, baseURL: server.url }), { model: "claude" });
  return { server, model };
}

/** The scores of all items, so many at a time. */
export async function judgeAll<Item>(
  items: readonly Item[],
  ask: (item: Item, index: number) => ReturnType<Scorer>,
  atOnce = 24,
): Promise<Score[][]> {
  const scores: Score[][] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) {
      scores[index] = [await ask(items[index] as Item, index)].flat() as Score[];
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return scores;
}

/** The number that `<item-7>` in a request stands for. */
export function itemIn(text: string): number | undefined {
  const found = /item-(\d+)-/.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

export const numberOf = (score: Score | undefined): number | undefined =>
  score?.kind === "scored" ? Number(score.value) : undefined;

/** κ = (p_o − p_e) / (1 − p_e) with p_e = Σ p₁(k) p₂(k), by hand: Cohen (1960). */
export function cohensKappa(pairs: readonly (readonly [unknown, unknown])[]): {
  agreement: number;
  kappa: number;
} {
  const n = pairs.length;
  const share = (side: 0 | 1, label: unknown) =>
    pairs.filter((pair) => pair[side] === label).length / n;
  const agreement = pairs.filter(([a, b]) => a === b).length / n;
  const labels = new Set(pairs.flat());
  let chance = 0;
  for (const label of labels) chance += share(0, label) * share(1, label);
  return { agreement, kappa: (agreement - chance) / (1 - chance) };
}
