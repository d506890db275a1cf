import { DIGIT, END, HEX, oneOf, URL_SAFE, WORD } from "./letters.ts";
import { MASK, type Rule } from "./rule.ts";

/**
 * Keys of whole length, so unlike anything else that what stands before them does not matter: letters
 * that a program has glued to them, or the underscores of Markdown.
 */
const UNMISTAKABLE: readonly string[] = [
  // OpenAI, Anthropic, OpenRouter.
  `sk-(?:(?:proj|svcacct|service|admin)-${URL_SAFE}{20,200}|${WORD}{20})T3BlbkFJ${URL_SAFE}{20,}`,
  `sk-ant-[a-z]{2,9}\\d\\d-${URL_SAFE}{40,}`,
  `sk-or-v\\d-${HEX}{48,}`,
  // GitHub, GitLab, npm, Hugging Face.
  `github_pat_${WORD}{22}_${WORD}{59,}`,
  `gh[pousr]_${DIGIT}${WORD}{36,}`,
  `glpat-${DIGIT}${URL_SAFE}{20,}`,
  `npm_${DIGIT}${WORD}{36}${END}`,
  `hf_(?=[a-z]{0,33}[A-Z])[A-Za-z]{34}${END}`,
  // Slack, Stripe, SendGrid, Square, Shopify, DigitalOcean, Vault.
  `xox[abeoprs]-\\d{8,}-[A-Za-z0-9-]{16,}`,
  `[sr]k_(?:live|test)_${DIGIT}${WORD}{24,}`,
  `SG\\.${URL_SAFE}{22}\\.${URL_SAFE}{43}`,
  `sq0(?:atp-${URL_SAFE}{22}|csp-${URL_SAFE}{43})`,
  `shp(?:at|ca|pa|ss)_${HEX}{32}`,
  `dop_v1_${HEX}{64}`,
  `hvs\\.${DIGIT}${URL_SAFE}{90,}`,
  // Groq, xAI, Perplexity, NVIDIA, LangSmith, Pinecone, Tavily.
  `gsk_${DIGIT}${WORD}{52,}`,
  `xai-${DIGIT}${WORD}{80,}`,
  `pplx-${DIGIT}${WORD}{48,}`,
  `nvapi-${DIGIT}${URL_SAFE}{64,}`,
  `lsv2_(?:pt|sk)_${HEX}{32}_${HEX}{10}`,
  `pcsk_${WORD}{4,8}_${WORD}{60,}`,
  `tvly-${DIGIT}${WORD}{32}${END}`,
  // Google, AWS. They end where base64 would go on.
  `AIza${URL_SAFE}{35}(?![A-Za-z0-9_+/=-])`,
  `(?<![A-Z])A[KS]IA(?=[A-Z]{0,15}\\d)[A-Z0-9]{16}${END}`,
  // No word ends in an underscore, so behind one less will do.
  `(?<=_)(?:A[KS]IA[A-Z0-9]{16}${END}|sk-(?:${WORD}{20}|(?:proj|svcacct|service|admin)-${DIGIT})${URL_SAFE}*)`,
];

export const gluedKeys: Rule = {
  // No hint: what tells of the same keys at the beginning of a word tells of these.
  pattern: new RegExp(oneOf(UNMISTAKABLE), "g"),
  replacement: MASK,
  isWithinWord: true,
};
