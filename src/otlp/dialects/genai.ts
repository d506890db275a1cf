import type { JsonObject, JsonValue } from "../../core/index.ts";
import { ATTRIBUTES, typeOfOperation } from "../vocabulary.ts";
import { type Dialect, number, parsed, text } from "./reading.ts";

/** OpenTelemetry's GenAI conventions, under the names that they have and have had. */
export const genAi: Dialect = (recorded) => {
  const operation = recorded[ATTRIBUTES.operation];
  return {
    type: typeOfOperation(operation),
    inputs: parsed(recorded[ATTRIBUTES.inputMessages] ?? recorded["gen_ai.tool.call.arguments"]),
    outputs:
      parsed(recorded[ATTRIBUTES.outputMessages] ?? recorded["gen_ai.tool.call.result"]) ??
      documentsOf(recorded),
    attributes: {
      [ATTRIBUTES.provider]: text(recorded["gen_ai.system"]),
      [ATTRIBUTES.inputTokens]: number(recorded["gen_ai.usage.prompt_tokens"]),
      [ATTRIBUTES.outputTokens]: number(recorded["gen_ai.usage.completion_tokens"]),
      [ATTRIBUTES.cacheWriteTokens]: number(recorded["gen_ai.usage.cache_creation.input_tokens"]),
      // Anthropic's own spans say the reason under a name of theirs.
      [ATTRIBUTES.finishReasons]: reasonsOf(recorded["anthropic.message.stop_reason"]),
    },
    taken: {
      inputs: [ATTRIBUTES.inputMessages, "gen_ai.tool.call.arguments"],
      outputs: [ATTRIBUTES.outputMessages, "gen_ai.tool.call.result", "gen_ai.retrieval.documents"],
    },
  };
};

const reasonsOf = (reason: JsonValue | undefined) =>
  typeof reason === "string" ? [reason] : undefined;

function documentsOf(recorded: JsonObject): JsonValue | undefined {
  return parsed(recorded["gen_ai.retrieval.documents"]);
}
