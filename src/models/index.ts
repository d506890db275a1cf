export type {
  ModelPrice,
  ModelSettings,
  PriceList,
  RateBudget,
  ResponseCache,
} from "../core/index.ts";
export {
  type AnthropicBody,
  type AnthropicMessagesClient,
  type AnthropicModelOptions,
  anthropicModel,
} from "./anthropic.ts";
export type {
  ChatMessage,
  ChatModel,
  ChatParameters,
  ChatRequest,
  ChatResponse,
  TokenLogprob,
} from "./chat-model.ts";
export type { ConnectionSettings } from "./connection.ts";
export { resolveEndpoint, type ScoringEndpoint, type ScoringRequest } from "./endpoint.ts";
export { isEndpointUri } from "./endpoint-uri.ts";
export { ANSWER_TOKENS, estimateTokens } from "./estimate-tokens.ts";
export { type ChatFunction, functionModel } from "./function-model.ts";
export {
  isLangChainModel,
  type LangChainChatModel,
  type LangChainModelOptions,
  langchainModel,
} from "./langchain-model.ts";
export {
  type Moderation,
  type ModerationModel,
  resolveModeration,
} from "./moderation.ts";
export { lexicalJudge } from "./offline/lexical-judge.ts";
export { reader } from "./offline/reader.ts";
export {
  type OpenAIChatBody,
  type OpenAIChatClient,
  type OpenAIModelOptions,
  openaiModel,
} from "./openai.ts";
export { type PriceOf, priceOf } from "./prices.ts";
export { type ResolveModelOptions, resolveModel } from "./resolve.ts";
export { attemptsOf } from "./send-request.ts";
export { type ModelUri, parseModelUri } from "./uri.ts";
