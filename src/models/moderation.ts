import { AssayError, isPlainObject } from "../core/index.ts";
import { toAssayError } from "./errors.ts";
import { endpointOf } from "./openai.ts";
import { connectOpenAI, type ResolveModelOptions } from "./resolve.ts";
import { type RequestOptions, sendRequest } from "./send-request.ts";
import { parseModelUri } from "./uri.ts";

/** What a moderation endpoint says of a text. */
export interface Moderation {
  /** Probability-like scores in [0, 1], by category, e.g. `harassment/threatening`. */
  readonly scores: { readonly [category: string]: number };
  /** The provider's own judgement over all categories. */
  readonly isFlagged: boolean;
  /** The model that answered. */
  readonly model?: string;
}

export interface ModerationModel {
  readonly uri: string;
  readonly provider: string;
  readonly model: string;
  /** @throws {AssayError} as `ChatModel.generate`. */
  moderate(text: string, options?: { readonly signal?: AbortSignal }): Promise<Moderation>;
}

interface ModerationClient {
  readonly moderations: {
    create(body: { model: string; input: string }, options?: RequestOptions): PromiseLike<unknown>;
  };
}

/**
 * The moderation endpoint that a URI names, of OpenAI or a server that speaks its API.
 *
 * @throws {AssayError} `invalid-argument` for another provider; `configuration` for a missing key or SDK.
 */
export async function resolveModeration(
  uri: string,
  options: ResolveModelOptions,
): Promise<ModerationModel> {
  const parsed = parseModelUri(uri);
  const { provider, model } = parsed;
  if (parsed.provider !== "openai" && parsed.provider !== "openai-compatible") {
    throw new AssayError(
      "invalid-argument",
      `${provider} has no moderation endpoint; use openai:/omni-moderation-latest, or openai-compatible:/ with a server that has one.`,
    );
  }
  const connected = await connectOpenAI<ModerationClient>(uri, parsed, options);
  const { client, pacing, keyName } = connected;
  return {
    uri,
    provider,
    model,
    moderate: async (text, { signal } = {}) => {
      const request = {
        messages: [{ role: "user" as const, content: text }],
        parameters: { maxTokens: 0 },
        ...(signal !== undefined && { signal }),
      };
      try {
        const reply = await sendRequest({
          pacing,
          request,
          create: (settings) => client.moderations.create({ model, input: text }, settings),
          tokensOf: () => undefined,
          onAttempt: () => undefined,
        });
        return readModeration(reply, provider);
      } catch (error) {
        throw toAssayError(error, { provider, model, request, keyName, ...endpointOf(client) });
      }
    },
  };
}

function readModeration(reply: unknown, provider: string): Moderation {
  const results = isPlainObject(reply) && Array.isArray(reply.results) ? reply.results : [];
  const [result] = results as readonly unknown[];
  if (!isPlainObject(result) || !isPlainObject(result.category_scores)) {
    throw new AssayError("provider", `${provider} answered without category scores.`);
  }
  const scores = Object.entries(result.category_scores).filter(
    (entry): entry is [string, number] => typeof entry[1] === "number",
  );
  const model = isPlainObject(reply) ? reply.model : undefined;
  return {
    scores: Object.fromEntries(scores),
    isFlagged: result.flagged === true,
    ...(typeof model === "string" && { model }),
  };
}
