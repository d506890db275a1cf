/** Who answers at a host that speaks OpenAI's API, by the names of the GenAI conventions where they have one. */
const HOSTS: readonly (readonly [end: string, provider: string])[] = [
  ["api.openai.com", "openai"],
  [".openai.azure.com", "azure.ai.openai"],
  [".services.ai.azure.com", "azure.ai.inference"],
  ["api.groq.com", "groq"],
  ["api.mistral.ai", "mistral_ai"],
  ["api.deepseek.com", "deepseek"],
  ["api.x.ai", "x_ai"],
  ["api.perplexity.ai", "perplexity"],
  ["openrouter.ai", "openrouter"],
  ["api.together.xyz", "together"],
  ["api.fireworks.ai", "fireworks"],
  ["api.cerebras.ai", "cerebras"],
  ["generativelanguage.googleapis.com", "gcp.gemini"],
  [".amazonaws.com", "aws.bedrock"],
];

/** OpenAI's own name for a host that is unknown: it speaks OpenAI's API. */
export function openaiProviderOf(host: string): string {
  return HOSTS.find(([end]) => host === end || host.endsWith(end))?.[1] ?? "openai";
}
